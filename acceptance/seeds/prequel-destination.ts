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
  guideDocument,
  guideValue,
  rootIam,
  rootS3,
} from '../support/customer.ts';
import { followGuide } from '../support/follow-guide.ts';
import {
  assertHealthy,
  type Connection,
  grantsOf,
  type Vendor,
  verdictOf,
} from '../support/vendor.ts';

const account = '222222222222';
const bucket = 'prequel-destination';

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
      const day = new Date().toISOString().slice(0, 10);
      assert.deepEqual(keys, [
        `transfers/_manifests/transfers/dt=${day}/manifest_${run.id}.json`,
        `transfers/transfers/dt=${day}/${run.id}_00000.jsonl`,
      ]);
      const acl = await s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: keys[1] ?? '' }));
      assert.equal(acl.Grants?.length, 1, "the bucket owner's alone");
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
