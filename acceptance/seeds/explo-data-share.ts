/**
 * "Explo: Getting Started with Data Share: S3", walked from both sides. Numbers are those of
 * the requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import {
  CustomerAccount,
  guideDocument,
  guideValue,
  rootS3,
  withoutExternalId,
} from '../support/customer.ts';
import { verifiedManifest } from '../support/delivery.ts';
import { followGuide } from '../support/follow-guide.ts';
import { assertHealthy, type Connection, grantsOf, type Vendor } from '../support/vendor.ts';

const acme = { account: '222222222222', bucket: 'their-company-data' };
const globex = { account: '333333333333', bucket: 'globex-shares' };

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
      const customerId = await vendor.customer('JFK');
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
