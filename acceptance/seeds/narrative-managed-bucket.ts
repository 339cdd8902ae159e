/**
 * "Narrative: How do I set up a managed bucket?", walked from both sides. Numbers are those
 * of the requirements read out of that document.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { rootKey } from '../support/customer.ts';
import { assumeRole, type Keys, newUser, s3As as openS3 } from '../support/customer-user.ts';
import type { Connection, Vendor } from '../support/vendor.ts';

const account = '222222222222';
const operator = '111111111111';

interface Details {
  readonly bucket: { readonly name: string; readonly consoleUrl: string };
  readonly customerAccountId: string;
  readonly folders: readonly { readonly location: string; readonly customerMay: string }[];
  readonly role: null | {
    readonly arn: string;
    readonly name: string;
    readonly externalId: string | null;
  };
  readonly customerPolicy: { readonly name: string; readonly document: object };
  readonly cli: {
    readonly profile: string | null;
    readonly commands: readonly { readonly command: string }[];
  };
  readonly console: { readonly switchRole: null | Record<string, string>; readonly note: string };
  readonly steps: readonly { readonly text: string; readonly needsAdmin: boolean }[];
}

const denied = { name: 'AccessDenied' };

export function narrativeManagedBucket(opened: () => Vendor): void {
  let vendor: Vendor;
  before(() => {
    vendor = opened();
  });

  const s3As = (credentials: Keys) => openS3(vendor.target.sandboxUrl, credentials);
  const user = (name: string, policy?: Details['customerPolicy']) =>
    newUser(vendor.target.sandboxUrl, account, name, policy);
  const detailsOf = ({ id }: Connection) =>
    vendor.call<Details>(`GET /v1/connections/${id}/access-details`);

  async function managed(body: object): Promise<Connection> {
    const made = await vendor.connect({ accountId: account, capabilities: ['ingest'], ...body });
    return vendor.call(`POST /v1/connections/${made.id}/provision`, {});
  }

  describe('a managed bucket by its bucket policy', () => {
    let customerId: string;
    let connection: Connection;
    let uploader: Keys;

    it('takes an account of 12 digits and a resource ID, and says what is wrong (N-3, N-5, N-6)', async () => {
      customerId = await vendor.customer('narrative');
      const right = { customerId, access: 'bucket_policy', resourceId: 'acme', accountId: account };
      const wrong = [
        { resourceId: 'a' },
        { resourceId: 'x'.repeat(43) },
        { resourceId: 'Acme Inc' },
        { accountId: '12345' },
        { externalId: 'generated' },
      ];
      for (const change of wrong) {
        const { code } = await vendor.refused('POST /v1/connections', { ...right, ...change });
        assert.equal(code, 'invalid_request', JSON.stringify(change));
      }
    });

    it("is made in the vendor's account under a name that nobody can guess (N-2, N-7, N-10)", async () => {
      connection = await managed({ customerId, access: 'bucket_policy', resourceId: 'acme' });

      assert.match(connection.bucket, /^acme-[a-z0-9]{14}$/);
      const found = await s3As(rootKey(operator)).send(
        new GetPublicAccessBlockCommand({ Bucket: connection.bucket }),
      );
      assert.ok(
        Object.values(found.PublicAccessBlockConfiguration ?? {}).every((is) => is === true),
      );
    });

    it('says where to find the account ID, and which steps need an administrator (N-4, N-28, N-29)', async () => {
      const details = await detailsOf(connection);

      assert.match(details.steps[0]?.text ?? '', /top right of the AWS console/);
      assert.deepEqual([...new Set(details.steps.map(({ needsAdmin }) => needsAdmin))].length, 2);
      assert.match(details.bucket.consoleUrl, new RegExp(`^https://.*${connection.bucket}`));
      assert.equal(details.role, null);
    });

    it('lets in those whom the customer lets in, with a ready command and no ACL (N-14, N-15, N-17, N-18)', async () => {
      const details = await detailsOf(connection);
      uploader = await user('narrative-uploader', details.customerPolicy);
      const nobody = await user('narrative-nobody');
      const { bucket: Bucket } = connection;
      const input = { Bucket, Key: 'inbound/my_directory/file.csv', Body: 'a,b\n1,2\n' };

      await s3As(uploader).send(new PutObjectCommand(input));

      await assert.rejects(s3As(nobody).send(new PutObjectCommand(input)), denied);
      const stranger = s3As(rootKey('333333333333'));
      await assert.rejects(stranger.send(new PutObjectCommand(input)), denied);
      assert.ok(
        details.cli.commands.some(({ command }) => /aws s3 cp file\.csv s3:/.test(command)),
      );
      assert.ok(details.cli.commands.every(({ command }) => !command.includes('--acl')));
    });

    it('copies from bucket to bucket (N-13, N-16)', async () => {
      const own = s3As(rootKey(account));
      await own.send(new CreateBucketCommand({ Bucket: 'narrative-source' }));
      await own.send(
        new PutObjectCommand({ Bucket: 'narrative-source', Key: 'file.csv', Body: 'a\n' }),
      );

      await own.send(
        new CopyObjectCommand({
          Bucket: connection.bucket,
          Key: 'inbound/copied/file.csv',
          CopySource: 'narrative-source/file.csv',
        }),
      );
    });

    it('can demand the ACL as it was of old, if that is chosen (N-17)', async () => {
      const settings = { ownership: 'bucket_owner_full_control' };
      const body = { customerId, access: 'bucket_policy', resourceId: 'acme-acl', settings };
      const { bucket: Bucket } = await managed(body);
      const input = { Bucket, Key: 'inbound/file.csv', Body: 'a\n' };
      const own = s3As(rootKey(account));

      await assert.rejects(own.send(new PutObjectCommand(input)), denied);
      await own.send(new PutObjectCommand({ ...input, ACL: 'bucket-owner-full-control' }));
    });
  });

  describe('a managed bucket by a role', () => {
    let customerId: string;
    let connection: Connection;
    let details: Details;

    it('has a role named after the bucket, and everything to copy (N-20, N-23, N-24, N-25, N-26)', async () => {
      customerId = await vendor.customer('narrative-role');
      const body = { customerId, access: 'operator_role', resourceId: 'globex' };
      connection = await managed(body);
      details = await detailsOf(connection);

      const name = `${connection.bucket}-access`;
      assert.deepEqual(details.role, {
        arn: `arn:aws:iam::${operator}:role/${name}`,
        name,
        externalId: null,
      });
      assert.match(JSON.stringify(details.customerPolicy.document), /"sts:AssumeRole"/);
      assert.match(details.cli.profile ?? '', new RegExp(`role_arn = ${details.role?.arn}\n`));
      assert.doesNotMatch(details.cli.profile ?? '', /external_id/);
      assert.equal(details.console.switchRole?.['account'], operator);
      assert.equal(details.console.switchRole['roleName'], name);
    });

    it('lets in through the role whoever may assume it, and nobody else (N-15, N-21)', async () => {
      const allowed = await user('narrative-role-user', details.customerPolicy);
      const stranger = await user('narrative-role-nobody');
      const assume = (keys: Keys) =>
        assumeRole(vendor.target.sandboxUrl, keys, details.role?.arn ?? '');

      const session = s3As(await assume(allowed));

      await assert.rejects(assume(stranger), denied);
      const { bucket: Bucket } = connection;
      await session.send(new PutObjectCommand({ Bucket, Key: 'inbound/file.csv', Body: 'a\n' }));
      const Prefix = 'inbound/';
      const { KeyCount } = await session.send(new ListObjectsV2Command({ Bucket, Prefix }));
      assert.equal(KeyCount, 1);
    });

    it('demands an external ID if that is chosen, and then says that the console is closed (N-22, N-25, N-27)', async () => {
      const body = { customerId, access: 'operator_role', resourceId: 'globex-id' };
      const guarded = await managed({ ...body, externalId: 'generated' });
      const shown = await detailsOf(guarded);
      const allowed = await user('narrative-guarded', shown.customerPolicy);
      const ask = (externalId?: string) =>
        assumeRole(vendor.target.sandboxUrl, allowed, shown.role?.arn ?? '', externalId);

      assert.match(shown.cli.profile ?? '', new RegExp(`external_id = ${guarded.externalId}\n`));
      assert.equal(shown.console.switchRole, null);
      assert.match(shown.console.note, /console cannot be used/);
      await ask(guarded.externalId);
      await assert.rejects(ask(), denied);
      await assert.rejects(ask('cw-of-somebody-else'), denied);
    });

    it('warns of the console before an external ID is chosen (N-27)', async () => {
      const answer = await fetch(`${vendor.target.url}/openapi.json`);

      assert.match(await answer.text(), /Warning: with one, nobody can switch to the role/);
    });

    it('can be changed to the bucket policy later: what was open closes (N-9)', async () => {
      const path = `/v1/connections/${connection.id}`;
      await vendor.call(`POST ${path}/access`, { access: 'bucket_policy' });

      const changed = await detailsOf(connection);
      assert.equal(changed.role, null);
      assert.equal(changed.bucket.name, connection.bucket);
      const { bucket: Bucket } = connection;
      const own = s3As(rootKey(account));
      await own.send(new PutObjectCommand({ Bucket, Key: 'inbound/later.csv', Body: 'a\n' }));
    });
  });
}
