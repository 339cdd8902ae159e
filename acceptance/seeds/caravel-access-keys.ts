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
import { followGuide } from '../support/follow-guide.ts';
import {
  assertHealthy,
  type Connection,
  grantsOf,
  type Vendor,
  verdictOf,
} from '../support/vendor.ts';

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
