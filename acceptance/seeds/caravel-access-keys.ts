/**
 * "Caravel: Connecting to Amazon S3", walked from both sides. Numbers are those of the
 * requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CustomerAccount,
  guideDocument,
  guideValue,
  rootKey,
  rootS3,
} from '../support/customer.ts';
import { type Keys, newKey } from '../support/customer-user.ts';
import { assertUnchanged, verifiedManifest } from '../support/delivery.ts';
import { eventually } from '../support/eventually.ts';
import { followGuide } from '../support/follow-guide.ts';
import {
  assertHealthy,
  type Connection,
  grantsOf,
  type Vendor,
  verdictOf,
} from '../support/vendor.ts';

/** The record that its automations send, as far as it is known. */
const insightColumns = [
  { name: 'id', type: 'VARCHAR', nullable: false },
  { name: 'kind', type: 'VARCHAR', nullable: false },
  { name: 'text', type: 'VARCHAR' },
  { name: 'sentiment', type: 'VARCHAR' },
  { name: 'sentimentScore', type: 'DOUBLE' },
  { name: 'topics', type: 'JSON' },
  { name: 'sourceName', type: 'VARCHAR' },
];
const lateParcel = {
  id: 'i-1',
  kind: 'insight',
  text: 'The parcel came late, "again"',
  sentiment: 'negative',
  sentimentScore: -0.75,
  topics: [{ name: 'delivery', score: 0.9 }],
  sourceName: 'Reviews',
};
const praise = {
  id: 'i-2',
  kind: 'insight',
  text: 'Très bien',
  sentiment: 'positive',
  sentimentScore: 0.5,
  topics: [],
  sourceName: 'Reviews',
};
const newMessage = {
  id: 'e-1',
  kind: 'event',
  text: 'New message',
  sentiment: null,
  sentimentScore: null,
  topics: null,
  sourceName: 'Chat',
};
const isInsight = { column: 'kind', operator: 'equals', value: 'insight' };
const isEvent = { column: 'kind', operator: 'equals', value: 'event' };
const isNegative = { column: 'sentimentScore', operator: 'less', value: 0 };
const sentBy = (name: string) => `sources/${name}/{dataset}/{runId}_{index}.{ext}`;

const account = '333333333333';
const bucket = 'caravel-insights';

interface WithKeys extends Connection {
  readonly accessKeys: readonly {
    readonly id: string;
    readonly lastFour: string;
    readonly current: boolean;
  }[];
}

export function caravelAccessKeys(opened: () => Vendor): void {
  let vendor: Vendor;
  before(() => {
    vendor = opened();
  });

  describe('a connection by the access key of a user', () => {
    let connection: Connection;
    let userName: string;
    let first: Keys;
    let second: Keys;
    const keysPath = () => `/v1/connections/${connection.id}/access-keys`;
    const keysOf = async () => ((await vendor.read(connection)) as WithKeys).accessKeys;

    it("writes both policies with the customer's own ARNs (C-3, C-5, C-9)", async () => {
      const customerId = await vendor.customer('ORD');
      connection = await vendor.connect({
        customerId,
        access: 'access_key',
        location: `s3://${bucket}/insights/`,
        accountId: account,
      });
      const guide = await vendor.guide(connection);
      userName = guideValue(guide, 'userName');
      const policies = guide.documents.map(({ document }) => JSON.stringify(document)).join('\n');

      assert.match(policies, new RegExp(`arn:aws:iam::${account}:user/${userName}`));
      assert.match(policies, new RegExp(`arn:aws:s3:::${bucket}/insights/\\*`));
      assert.doesNotMatch(policies, /your-bucket|your-user/);
    });

    it('keeps actions on the bucket and on its objects apart, and needs no list of all buckets (C-6, C-7, C-8)', async () => {
      const grants = grantsOf(guideDocument(await vendor.guide(connection), 'permissionsPolicy'));

      assert.deepEqual(grants.get('s3:PutObject'), [`arn:aws:s3:::${bucket}/insights/*`]);
      for (const resource of grants.get('s3:ListBucket') ?? []) {
        assert.equal(resource, `arn:aws:s3:::${bucket}`);
      }
      assert.ok(!grants.has('s3:ListAllMyBuckets'));
      assert.ok(!grants.has('s3:PutObjectAcl'));
    });

    it('reminds of the key pair while AWS still shows it (C-4)', async () => {
      const { steps } = await vendor.guide(connection);

      assert.equal(steps.filter(({ optional }) => !optional).at(-1)?.operation, 'CreateAccessKey');
    });

    it('takes the key, shows four of its characters and never the secret again (C-3, C-11)', async () => {
      const { sandboxUrl } = vendor.target;
      const guide = await vendor.guide(connection);
      await followGuide(sandboxUrl, account, guide, ['CreateAccessKey']);
      first = await newKey(sandboxUrl, account, userName);

      await vendor.call(`POST ${keysPath()}`, {
        accessKeyId: ` ${first.accessKeyId}\n`,
        secretAccessKey: `${first.secretAccessKey} `,
      });

      const shown = JSON.stringify([
        await vendor.read(connection),
        await vendor.call(`GET /v1/events?connectionId=${connection.id}`),
      ]);
      assert.ok(!shown.includes(first.secretAccessKey));
      const [key] = await keysOf();
      assert.equal(key?.lastFour, first.accessKeyId.slice(-4));
      assertHealthy(await vendor.check(connection));
    });

    it("refuses the root user's key and temporary ones, with the reason", async () => {
      const root = await vendor.refused(`POST ${keysPath()}`, rootKey(account));
      const temporary = await vendor.refused(`POST ${keysPath()}`, {
        accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'x'.repeat(40),
        sessionToken: 'token',
      });

      assert.deepEqual([root.code, temporary.code], ['access_key_refused', 'access_key_refused']);
      assert.match(root.message, /root/);
      assert.match(temporary.message, /temporary/);
      assert.equal((await keysOf()).length, 1);
    });

    it('delivers JSON (C-2), which its user alone may write (C-10)', async () => {
      const { sandboxUrl } = vendor.target;
      const run = await vendor.deliverFlights('insights', [connection.customerId]);

      assert.equal(run.state, 'succeeded');
      const keys = await new CustomerAccount(sandboxUrl, account).keys(bucket);
      assert.ok(keys.some((key) => key.endsWith('.jsonl')));
      for (const key of keys) assert.ok(key.startsWith('insights/'), key);
      const stranger = rootS3(sandboxUrl, '222222222222');
      const put = new PutObjectCommand({ Bucket: bucket, Key: 'insights/x', Body: 'x' });
      await assert.rejects(stranger.send(put), { name: 'AccessDenied' });
    });

    it('delivers insights and events as they come, by conditions and with as much history as wanted (C-2, C-12, C-13)', async () => {
      const { sandboxUrl } = vendor.target;
      const owner = new CustomerAccount(sandboxUrl, account);
      const source = { type: 'push', columns: insightColumns };
      const body = { name: 'pushed-insights', source, primaryKey: ['id'] };
      const { id: datasetId } = await vendor.call<{ id: string }>('POST /v1/datasets', body);
      const push = (records: readonly object[]) =>
        vendor.call(`POST /v1/datasets/${datasetId}/records`, records);
      const order = (name: string, terms: object) =>
        vendor.call<{ id: string }>('POST /v1/deliveries', {
          ...{ name, datasetId, customerIds: [connection.customerId] },
          ...{ mode: 'incremental', format: 'jsonl', keyTemplate: sentBy(name) },
          schedule: { type: 'batch', maxRecords: 2, maxAgeSeconds: 2 },
          ...terms,
        });
      const received = async (name: string): Promise<object[]> => {
        const keys = await owner.keys(bucket);
        const files = keys.filter((key) => key.startsWith(`insights/sources/${name}/`));
        const texts = await Promise.all(files.map((key) => owner.read(bucket, key)));
        return texts.flatMap((text) =>
          `${text}`
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)),
        );
      };

      await push([lateParcel]);
      // Two sources over one connection, each with conditions of its own.
      await order('negative', { filter: { match: 'all', conditions: [isInsight, isNegative] } });
      await order('notable', {
        filter: { match: 'any', conditions: [isNegative, isEvent] },
        history: 'none',
      });
      await push([praise, newMessage]);

      await eventually(async () => {
        assert.deepEqual(await received('negative'), [lateParcel]);
        assert.deepEqual(await received('notable'), [newMessage]);
      });
      for (const key of await owner.keys(bucket)) {
        if (!key.includes('_manifests/pushed-insights/')) continue;
        await assertUnchanged(
          await verifiedManifest(vendor.target, await owner.read(bucket, key)),
          (file) => owner.read(bucket, file),
        );
      }
    });

    it('delivers each insight as a JSON file of its own, as its automations send them (C-2, C-13)', async () => {
      const { sandboxUrl } = vendor.target;
      const owner = new CustomerAccount(sandboxUrl, account);
      const source = { type: 'push', columns: insightColumns };
      const { id: datasetId } = await vendor.call<{ id: string }>('POST /v1/datasets', {
        ...{ name: 'automations', source, primaryKey: ['id'] },
      });
      await vendor.call(`POST /v1/datasets/${datasetId}/records`, [lateParcel, praise]);
      await vendor.call('POST /v1/deliveries', {
        ...{ name: 'automations', datasetId, customerIds: [connection.customerId] },
        ...{ mode: 'incremental', format: 'json', filePerRecord: true },
        filter: { match: 'any', conditions: [isNegative, isEvent] },
        keyTemplate: 'sources/automations/{dataset}/{position}_{runId}.{ext}',
        schedule: { type: 'batch', maxRecords: 1 },
      });
      await vendor.call(`POST /v1/datasets/${datasetId}/records`, [newMessage]);

      const keys = async () =>
        (await owner.keys(bucket)).filter((key) => key.startsWith('insights/sources/automations/'));
      await eventually(async () => assert.equal((await keys()).length, 2));
      const found = await keys();
      assert.deepEqual(
        found.map((key) => /\/(\d{12})_run_\w+\.json$/.exec(key)?.[1]),
        ['000000000000', '000000000002'],
      );
      const records = await Promise.all(found.map((key) => owner.read(bucket, key)));
      assert.deepEqual(
        records.map((record) => JSON.parse(`${record}`)),
        [lateParcel, newMessage],
      );
      await eventually(async () => {
        const manifests = (await owner.keys(bucket)).filter((key) =>
          key.includes('_manifests/automations/'),
        );
        const named: string[] = [];
        for (const key of manifests) {
          const manifest = await verifiedManifest(vendor.target, await owner.read(bucket, key));
          await assertUnchanged(manifest, (file) => owner.read(bucket, file));
          named.push(...manifest.files.map((file) => file.key));
        }
        assert.deepEqual(named.toSorted(), found);
      });
    });

    it('changes keys in place: two at once, the new one used after its proof (C-11)', async () => {
      second = await newKey(vendor.target.sandboxUrl, account, userName);
      await vendor.call(`POST ${keysPath()}`, second);
      const [old, added] = await keysOf();

      await vendor.call(`POST ${keysPath()}/${added?.id}/use`, {});
      await vendor.call(`DELETE ${keysPath()}/${old?.id}`);

      const left = await keysOf();
      assert.deepEqual(
        left.map(({ lastFour, current }) => [lastFour, current]),
        [[second.accessKeyId.slice(-4), true]],
      );
      const report = await vendor.check(connection);
      assertHealthy(report);
      assert.equal(verdictOf(report, 'key.valid'), 'passed');
    });
  });
}
