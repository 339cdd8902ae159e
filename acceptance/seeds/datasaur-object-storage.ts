/**
 * "Datasaur: AWS S3 external object storage", walked from both sides. Numbers are those of
 * the requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CreateBucketCommand, GetBucketCorsCommand, type S3Client } from '@aws-sdk/client-s3';
import { guideDocument, guideValue, rootS3 } from '../support/customer.ts';
import { followGuide } from '../support/follow-guide.ts';
import {
  assertHealthy,
  type Connection,
  grantsOf,
  type Vendor,
  verdictOf,
} from '../support/vendor.ts';

const account = '222222222222';
const bucket = 'datasaur-test';

export function datasaurObjectStorage(opened: () => Vendor): void {
  let vendor: Vendor;
  let s3: S3Client;
  before(() => {
    vendor = opened();
    s3 = rootS3(vendor.target.sandboxUrl, account, 'eu-west-1');
  });

  describe('external object storage that is read and written', () => {
    let connection: Connection;

    it('fixes the external ID with the draft, however often the dialog is closed (D-5, D-6)', async () => {
      const customerId = await vendor.customer('team-1');
      connection = await vendor.connect({
        customerId,
        name: bucket,
        location: `s3://${bucket}/test/`,
        accountId: account,
        capabilities: ['browse'],
      });

      for (let opened = 0; opened < 3; opened++) {
        const guide = await vendor.guide(connection);
        assert.equal(guideValue(guide, 'externalId'), connection.externalId);
      }
      assert.match(connection.externalId, /^cw-[a-z0-9]{26}$/);
      assert.equal(connection.prefix, 'test/');
    });

    it('takes no external ID from anybody else (D-5)', async () => {
      const body = { customerId: connection.customerId, externalId: 'chosen-by-me' };
      const { code } = await vendor.refused('POST /v1/connections', body);

      assert.equal(code, 'invalid_request');
    });

    it('asks for less than the policy of the seed, and only under the prefix (D-13)', async () => {
      const grants = grantsOf(guideDocument(await vendor.guide(connection), 'permissionsPolicy'));

      for (const action of ['s3:ListBucket', 's3:GetObject', 's3:PutObject']) {
        assert.ok(grants.has(action), action);
      }
      const unneeded = [
        'ListBucketVersions',
        'PutObjectAcl',
        'GetObjectAcl',
        'DeleteObjectVersion',
      ];
      for (const action of unneeded) assert.ok(!grants.has(`s3:${action}`), action);
      assert.deepEqual(grants.get('s3:GetObject'), [`arn:aws:s3:::${bucket}/test/*`]);
      assert.deepEqual(grants.get('s3:ListBucket'), [`arn:aws:s3:::${bucket}`]);
    });

    it("trusts the vendor's account with the external ID of the first step (D-16)", async () => {
      const guide = await vendor.guide(connection);
      const trust = JSON.stringify(guideDocument(guide, 'trustPolicy'));

      assert.match(trust, /arn:aws:iam::111111111111:/);
      assert.match(trust, new RegExp(`"sts:ExternalId":"${connection.externalId}"`));
    });

    it('cannot be used before its check has passed (D-9)', async () => {
      const report = await vendor.check(connection);

      assert.notEqual(report.outcome, 'healthy');
      const { status, health } = await vendor.read(connection);
      assert.notEqual(status, 'active');
      assert.equal(health.nextAction?.code, 'send_fix');
    });

    it('finds the region and is not told it (D-14), and leaves out what is there (D-15)', async () => {
      await s3.send(
        new CreateBucketCommand({
          Bucket: bucket,
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      );
      await followGuide(vendor.target.sandboxUrl, account, await vendor.guide(connection), [
        'CreateBucket',
      ]);

      const report = await vendor.check(connection);

      assertHealthy(report);
      assert.equal(report.region, 'eu-west-1');
      assert.equal((await vendor.read(connection)).region, 'eu-west-1');
    });

    it('proves reading and listing as well as writing (D-9)', async () => {
      const report = await vendor.check(connection);

      for (const step of ['prefix.list', 'object.write', 'role.external_id_missing']) {
        assert.equal(verdictOf(report, step), 'passed', step);
      }
    });

    it('needs no CORS rule for the whole web: none is asked for until pages are named (D-11)', async () => {
      const guide = await vendor.guide(connection);

      assert.ok(!guide.documents.some(({ name }) => name === 'cors'));
      await assert.rejects(s3.send(new GetBucketCorsCommand({ Bucket: bucket })), {
        name: 'NoSuchCORSConfiguration',
      });
    });

    it('advises a rule that clears up, as an option (D-12)', async () => {
      const guide = await vendor.guide(connection);
      const rule = guide.steps.find(
        ({ operation }) => operation === 'PutBucketLifecycleConfiguration',
      );

      assert.equal(rule?.optional, true);
      assert.match(JSON.stringify(rule.parameters), /AbortIncompleteMultipartUpload/);
    });
  });
}
