/**
 * "Explo: Getting Started with Data Share: S3", walked from both sides. Numbers are those of
 * the requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import {
  CustomerAccount,
  guideDocument,
  guideValue,
  rootS3,
  withoutExternalId,
} from '../support/customer.ts';
import { followToEnd, verifiedManifest } from '../support/delivery.ts';
import { followGuide } from '../support/follow-guide.ts';
import { assertHealthy, type Connection, grantsOf, type Vendor } from '../support/vendor.ts';

const acme = { account: '222222222222', bucket: 'their-company-data' };
const globex = { account: '333333333333', bucket: 'globex-shares' };

/** Flights of 2,000 miles and more that came in an hour late or later, counted with DuckDB. */
const lateAndFar = { SFO: 671, JFK: 766 };

interface List {
  readonly items: readonly { readonly id: string; readonly name: string }[];
}

export function exploDataShare(opened: () => Vendor): void {
  let vendor: Vendor;
  before(() => {
    vendor = opened();
  });

  describe('a data share to customers with buckets of their own', () => {
    let connection: Connection;
    let second: Connection;

    it("keeps what was agreed as key:value pairs on the customer's profile (E-1, E-9)", async () => {
      const properties = {
        bucket_name: acme.bucket,
        region: 'us-east-1',
        prefix: 'uploads/your-team/',
        account_id: acme.account,
        share: 'weekly',
      };
      const id = await vendor.customer('SFO', properties);

      const kept = await vendor.call<{ properties: object }>(`GET /v1/customers/${id}`);
      assert.deepEqual(kept.properties, properties);
      connection = await vendor.connect({ customerId: id });
      assert.equal(connection.bucket, acme.bucket);
      assert.equal(connection.health.label, 'Setting up');
    });

    it('tells the customer whom to trust, without a mail to support (E-3, E-7, E-8, E-11)', async () => {
      const guide = await vendor.guide(connection);

      assert.match(guideValue(guide, 'principalArn'), /^arn:aws:iam::111111111111:(user|role)\//);
      assert.equal(guideValue(guide, 'operatorAccountId'), '111111111111');
      assert.equal(guideValue(guide, 'bucket'), acme.bucket);
      assert.equal(guideValue(guide, 'prefix'), 'uploads/your-team/');
      assert.equal(guideValue(guide, 'roleArn'), connection.roleArn);
    });

    it('demands an external ID, which the document of the seed forgot (E-2, E-4)', async () => {
      const guide = await vendor.guide(connection);
      const trust = JSON.stringify(guideDocument(guide, 'trustPolicy'));

      assert.match(trust, /"Action":"sts:AssumeRole"/);
      assert.match(trust, new RegExp(`"sts:ExternalId":"${connection.externalId}"`));
    });

    it('asks for writing under the prefix, and for nothing else (E-5)', async () => {
      const grants = grantsOf(guideDocument(await vendor.guide(connection), 'permissionsPolicy'));

      assert.ok(grants.has('s3:PutObject'));
      assert.ok(!grants.has('s3:PutObjectAcl'), 'no ACL is ever sent');
      for (const action of ['s3:PutObject', 's3:AbortMultipartUpload']) {
        assert.deepEqual(grants.get(action), [`arn:aws:s3:::${acme.bucket}/uploads/your-team/*`]);
      }
      for (const action of grants.keys()) assert.doesNotMatch(action, /\*|Delete|Acl/);
    });

    it('is healthy once the role is made as the guide says, also with the bucket policy (E-2, E-6)', async () => {
      const { sandboxUrl } = vendor.target;
      const guide = await vendor.guide(connection);
      await followGuide(sandboxUrl, acme.account, guide);
      assertHealthy(await vendor.check(connection));

      const s3 = rootS3(sandboxUrl, acme.account);
      const Policy = JSON.stringify(guideDocument(guide, 'bucketPolicy'));
      await s3.send(new PutBucketPolicyCommand({ Bucket: acme.bucket, Policy }));

      assertHealthy(await vendor.check(connection));
      const { health } = await vendor.read(connection);
      assert.deepEqual([health.label, health.nextAction], ['Healthy', null]);
    });

    it('shares one dataset with many, each under its own prefix (E-10, E-12)', async () => {
      const { sandboxUrl } = vendor.target;
      const customerId = await vendor.customer('JFK', { share: 'weekly' });
      const location = `s3://${globex.bucket}/from/vendor/`;
      second = await vendor.connect({ customerId, location, accountId: globex.account });
      await followGuide(sandboxUrl, globex.account, await vendor.guide(second));
      assertHealthy(await vendor.check(second));

      const run = await vendor.deliverFlights('assets', [connection.customerId, customerId]);

      assert.equal(run.state, 'succeeded');
      for (const [{ account, bucket }, prefix] of [
        [acme, 'uploads/your-team/'],
        [globex, 'from/vendor/'],
      ] as const) {
        const owner = new CustomerAccount(sandboxUrl, account);
        const keys = await owner.keys(bucket);
        assert.equal(keys.length, 2);
        for (const key of keys) assert.ok(key.startsWith(prefix), key);
        const manifest = keys.find((key) => key.includes('/manifest_')) ?? '';
        assert.ok(
          (await verifiedManifest(vendor.target, await owner.read(bucket, manifest))).rows > 0,
        );
      }
    });

    it('runs by itself for whoever has the share on its profile, as sheets where they are wanted (E-9, E-10, E-12, E-13)', async () => {
      const { items } = await vendor.call<List>('GET /v1/datasets');
      const order = {
        name: 'late and far',
        datasetId: items.find(({ name }) => name === 'assets')?.id,
        customerRule: { properties: { share: 'weekly' } },
        schedule: { type: 'interval', everyMinutes: 7 * 24 * 60 },
        format: 'csv',
        compression: 'gzip',
        csv: { delimiter: ';', lineEnd: 'crlf', formulaGuard: 'escape' },
        columns: ['date', 'destination', 'delay'],
        filter: {
          conditions: [
            { column: 'delay', operator: 'greater_or_equal', value: 60 },
            { column: 'distance', operator: 'greater_or_equal', value: 2000 },
          ],
        },
        keyTemplate: 'shares/{dataset}/{year}/{runId}_{index}.{ext}',
      };

      const delivery = await vendor.call<{ id: string }>('POST /v1/deliveries', order);
      const run = await followToEnd(vendor.target, await firstRunOf(delivery.id));

      const { nextRunAt } = await vendor.call<{ nextRunAt: string }>(
        `GET /v1/deliveries/${delivery.id}`,
      );
      const days = (Date.parse(nextRunAt) - Date.now()) / 86_400_000;
      assert.ok(days > 6 && days <= 7, nextRunAt);
      assert.equal(run.recipients.length, 2);
      for (const [{ account, bucket }, { id, customerId, prefix }, rows] of [
        [acme, connection, lateAndFar.SFO],
        [globex, second, lateAndFar.JFK],
      ] as const) {
        const owner = new CustomerAccount(vendor.target.sandboxUrl, account);
        const recipient = run.recipients.find((each) => each.customerId === customerId);
        const text = await owner.read(bucket, recipient?.manifestKey ?? '');
        const manifest = await verifiedManifest(vendor.target, text);
        const [file] = manifest.files;
        const year = run.createdAt.slice(0, 4);
        assert.equal(file?.key, `${prefix}shares/assets/${year}/${run.id}_00000.csv.gz`, id);
        const lines = gunzipSync(await owner.read(bucket, file.key))
          .toString()
          .split('\r\n');
        assert.equal(lines[0], 'date;destination;delay');
        assert.match(lines[1] ?? '', /^2001-\d\d-\d\d \d\d:\d\d:00;[A-Z]{3};\d+$/);
        assert.equal(lines.length, 1 + rows + 1);
        assert.equal(manifest.rows, rows);
      }
    });

    /** That of a delivery whose schedule begins at once. */
    async function firstRunOf(deliveryId: string): Promise<string> {
      for (;;) {
        const { items } = await vendor.call<List>(`GET /v1/runs?deliveryId=${deliveryId}`);
        if (items[0]) return items[0].id;
        await setTimeout(100);
      }
    }

    it("stops at one customer's mistake, and only there (E-4)", async () => {
      const owner = new CustomerAccount(vendor.target.sandboxUrl, acme.account);
      const guide = await vendor.guide(connection);
      await owner.replaceTrustPolicy(connection.roleName, withoutExternalId(guide));

      assert.equal((await vendor.check(connection)).outcome, 'insecure');
      const { health } = await vendor.read(connection);
      assert.equal(health.nextAction?.code, 'send_fix');
      assert.match(health.nextAction.text, new RegExp(connection.externalId));
      assert.equal((await vendor.read(second)).status, 'active');

      await owner.replaceTrustPolicy(connection.roleName, guideDocument(guide, 'trustPolicy'));
      assertHealthy(await vendor.check(connection));
    });
  });
}
