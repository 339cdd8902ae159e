/**
 * "Prequel: Configuring your AWS S3 destination", walked from both sides. Numbers are those
 * of the requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  CustomerAccount,
  flights,
  guideDocument,
  guideValue,
  rootIam,
  rootKey,
  rootS3,
} from '../support/customer.ts';
import {
  assertUnchanged,
  type Manifest,
  type Run,
  runToEnd,
  verifiedManifest,
} from '../support/delivery.ts';
import { followGuide } from '../support/follow-guide.ts';
import {
  assertHealthy,
  type Connection,
  grantsOf,
  type Vendor,
  verdictOf,
} from '../support/vendor.ts';
import { runVerify } from '../support/verify-command.ts';

const account = '222222222222';
const bucket = 'prequel-destination';

interface List {
  readonly items: readonly { readonly id: string; readonly reference: string }[];
}

export function prequelDestination(opened: () => Vendor): void {
  let vendor: Vendor;
  let s3: S3Client;
  before(() => {
    vendor = opened();
    s3 = rootS3(vendor.target.sandboxUrl, account);
  });

  describe('a destination that trusts tokens of the service', () => {
    let connection: Connection;

    it('gives the trust policy prefilled, with a subject of this customer alone (P-1)', async () => {
      const customerId = await vendor.customer('LAX');
      connection = await vendor.connect({
        customerId,
        access: 'web_identity',
        location: `s3://${bucket}/transfers/`,
        accountId: account,
      });
      const guide = await vendor.guide(connection);
      const trust = JSON.stringify(guideDocument(guide, 'trustPolicy'));

      assert.match(trust, /"Action":"sts:AssumeRoleWithWebIdentity"/);
      assert.match(trust, /"Federated":"arn:aws:iam::222222222222:oidc-provider\//);
      assert.ok(trust.includes(guideValue(guide, 'subject')));
      assert.ok(trust.includes(guideValue(guide, 'audience')));
      const answer = await fetch(`${guideValue(guide, 'issuer')}/.well-known/openid-configuration`);
      assert.equal(answer.status, 200);
    });

    it('asks for no right to delete, hence none is to be taken back afterwards (P-4)', async () => {
      const grants = grantsOf(guideDocument(await vendor.guide(connection), 'permissionsPolicy'));

      assert.ok(grants.has('s3:PutObject'));
      for (const action of grants.keys()) assert.doesNotMatch(action, /Delete|Acl|\*/);
    });

    it('works in a bucket as AWS recommends it: ACLs disabled, public access blocked (P-2)', async () => {
      await s3.send(
        new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: 'BucketOwnerEnforced' }),
      );
      await s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      );
      await followGuide(vendor.target.sandboxUrl, account, await vendor.guide(connection), [
        'CreateBucket',
      ]);

      assertHealthy(await vendor.check(connection));
    });

    it('is tested again without any right to delete, and leaves nothing behind (P-4, P-9)', async () => {
      const report = await vendor.check(connection);

      assertHealthy(report);
      assert.equal(verdictOf(report, 'web_identity.subject_wrong'), 'passed');
      assert.equal(verdictOf(report, 'web_identity.audience_wrong'), 'passed');
      const owner = new CustomerAccount(vendor.target.sandboxUrl, account);
      assert.deepEqual(await owner.keys(bucket), []);
      assert.equal(await owner.uploads(bucket), 0);
    });

    it("does with the seed's own policy, which neither lists nor reads (P-3)", async () => {
      await rootIam(vendor.target.sandboxUrl, account).send(
        new PutRolePolicyCommand({
          RoleName: connection.roleName,
          PolicyName: 'causeway',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Action: ['s3:PutObject', 's3:DeleteObject'],
              Resource: `arn:aws:s3:::${bucket}/*`,
            },
          }),
        }),
      );

      const report = await vendor.check(connection);

      assertHealthy(report);
      assert.equal(verdictOf(report, 'scope'), 'warned', 'it reaches beyond the prefix');
      const { health } = await vendor.read(connection);
      assert.match(health.reason, /with advice/);
    });

    it('delivers, append-only and without an ACL (P-2, P-12)', async () => {
      const run = await vendor.deliverFlights('transfers', [connection.customerId]);

      assert.equal(run.state, 'succeeded');
      const owner = new CustomerAccount(vendor.target.sandboxUrl, account);
      const keys = await owner.keys(bucket);
      const day = run.createdAt.slice(0, 10);
      assert.deepEqual(keys, [
        `transfers/_manifests/transfers/dt=${day}/manifest_${run.id}.json`,
        `transfers/transfers/dt=${day}/${run.id}_00000.jsonl`,
      ]);
      const acl = await s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: keys[1] ?? '' }));
      assert.equal(acl.Grants?.length, 1, "the bucket owner's alone");
    });
  });

  describe('transfers to it', () => {
    let customerId: string;
    let deliveryId: string;
    let first: Manifest;

    /** What a run has delivered, by its manifest, and the keys that it named. */
    const manifestOf = async ({ recipients }: Run) => {
      const owner = new CustomerAccount(vendor.target.sandboxUrl, account);
      const [recipient] = recipients;
      const text = await owner.read(bucket, recipient?.manifestKey ?? '');
      const manifest = await verifiedManifest(vendor.target, text);
      await assertUnchanged(manifest, (key) => owner.read(bucket, key));
      return manifest;
    };
    const keysOf = ({ runId, files }: Manifest) =>
      files.map(({ key }) => key.replace(runId, 'RUN')).sort();
    const rowsOf = ({ files }: Manifest, partition: string) =>
      files.filter(({ key }) => key.includes(partition)).reduce((sum, { rows }) => sum + rows, 0);

    it('takes models of a tenant, of chosen columns and rows (P-8, P-15)', async () => {
      const { items } = await vendor.call<List>('GET /v1/customers');
      customerId = items.find(({ reference }) => reference === 'LAX')?.id ?? '';
      const dataset = await vendor.call<{ id: string }>('POST /v1/datasets', {
        name: 'arrivals',
        source: { type: 'file', path: flights },
        customerColumn: 'origin',
        cursorColumn: 'date',
      });
      const delivery = await vendor.call<{ id: string }>('POST /v1/deliveries', {
        name: 'arrivals',
        datasetId: dataset.id,
        customerIds: [customerId],
        mode: 'incremental',
        columns: ['date', 'destination', 'delay'],
        filter: { conditions: [{ column: 'destination', operator: 'in', value: ['HNL', 'SEA'] }] },
        partitionBy: ['destination'],
        schedule: { type: 'cron', expression: '0 6 * * *', timeZone: 'America/Los_Angeles' },
      });
      deliveryId = delivery.id;

      const { nextRunAt } = await vendor.call<{ nextRunAt: string }>(
        `GET /v1/deliveries/${deliveryId}`,
      );
      const time = { hour: 'numeric', minute: 'numeric', timeZone: 'America/Los_Angeles' } as const;
      assert.match(new Date(nextRunAt).toLocaleTimeString('en-US', time), /^6:00\sAM$/);
    });

    it('begins with all history, in Parquet by Hive partitions, and a manifest (P-12, P-13)', async () => {
      const window = { from: null, to: '2001-04-01T00:00:00Z' };

      first = await manifestOf(await runToEnd(vendor.target, deliveryId, window));

      assert.deepEqual(keysOf(first), [
        'transfers/arrivals/destination=HNL/RUN_00000.parquet',
        'transfers/arrivals/destination=SEA/RUN_00001.parquet',
      ]);
      assert.equal(rowsOf(first, '=HNL/'), 1066);
      assert.equal(rowsOf(first, '=SEA/'), 1727);
      assert.deepEqual([first.mode, first.sequence, first.previousRunId], ['incremental', 1, null]);
      assert.deepEqual(
        first.schema.map(({ name, type }) => `${name} ${type}`),
        ['date TIMESTAMP', 'destination VARCHAR', 'delay BIGINT'],
      );
    });

    it('goes on from the last success, window by window, and writes no empty file (P-13c, P-14)', async () => {
      const second = await manifestOf(await runToEnd(vendor.target, deliveryId));

      assert.equal(second.window.from, first.window.to);
      assert.equal(rowsOf(second, '=HNL/'), 1135);
      assert.equal(rowsOf(second, '=SEA/'), 2026);
      assert.deepEqual([second.sequence, second.previousRunId], [2, first.runId]);

      const third = await manifestOf(await runToEnd(vendor.target, deliveryId));

      assert.equal(third.window.from, second.window.to);
      assert.deepEqual([third.sequence, third.rows, third.files], [3, 0, []]);
    });

    it('can be verified by the recipient alone, without a gap (P-13b)', async () => {
      const { sandboxUrl, url } = vendor.target;
      const [verified] = await runVerify(`s3://${bucket}/transfers/_manifests/arrivals/`, {
        credentials: rootKey(account),
        owner: account,
        endpoint: sandboxUrl,
        keysUrl: `${url}/.well-known/causeway-keys.json`,
      });

      assert.equal(verified?.verdict, 'passed', JSON.stringify(verified?.findings));
    });
  });

  describe('a destination by a role of the name that was fixed', () => {
    it('needs back no more than bucket and account: region and ARN are found (P-5, P-7)', async () => {
      const customerId = await vendor.customer('BOS');
      const location = 's3://transfer-bucket/folder/';
      const connection = await vendor.connect({ customerId, location, accountId: account });
      await followGuide(vendor.target.sandboxUrl, account, await vendor.guide(connection));

      assertHealthy(await vendor.check(connection));

      const { region, roleArn } = await vendor.read(connection);
      assert.equal(region, 'us-east-1');
      assert.equal(roleArn, `arn:aws:iam::${account}:role/${connection.roleName}`);
    });
  });
}
