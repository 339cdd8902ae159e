/**
 * The other direction of "Narrative: How do I set up a managed bucket?": one run delivers
 * into managed buckets of both ways in, and the customers read it with their own keys.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { rootKey } from '../support/customer.ts';
import { assumeRole, type Keys, newUser, s3As } from '../support/customer-user.ts';
import { assertUnchanged, type Manifest, type Run, verifiedManifest } from '../support/delivery.ts';
import { assertHealthy, type Connection, type Vendor } from '../support/vendor.ts';
import { runVerify, type Verified } from '../support/verify-command.ts';

const operator = '111111111111';
const stranger = '333333333333';
const denied = { name: 'AccessDenied' };

/** Departures in the dataset, counted with DuckDB. */
const recipients = [
  { access: 'bucket_policy', reference: 'SEA', resourceId: 'delivered', rows: 50_231 },
  { access: 'operator_role', reference: 'DEN', resourceId: 'delivered-role', rows: 66_923 },
] as const;
const account = '222222222222';

interface Details {
  readonly role: null | { readonly arn: string };
  readonly customerPolicy: { readonly name: string; readonly document: object };
  readonly folders: readonly { readonly location: string; readonly customerMay: string }[];
}

export function managedBucketDelivery(opened: () => Vendor): void {
  let vendor: Vendor;
  before(() => {
    vendor = opened();
  });

  describe('a delivery into managed buckets', () => {
    const connections: Connection[] = [];
    let run: Run;

    it('reaches customers by bucket policy and by role in one run', async () => {
      for (const { access, reference, resourceId } of recipients) {
        const customerId = await vendor.customer(reference);
        const place = { accountId: account, resourceId, capabilities: ['deliver'] };
        const made = await vendor.connect({ customerId, access, ...place });
        const connection = await vendor.call<Connection>(
          `POST /v1/connections/${made.id}/provision`,
          {},
        );
        assertHealthy(await vendor.check(connection));
        connections.push(connection);
      }

      run = await vendor.deliverFlights(
        'managed',
        connections.map(({ customerId }) => customerId),
      );

      assert.equal(run.state, 'succeeded');
      for (const [i, { rows }] of recipients.entries()) {
        assert.equal(recipientOf(run, connections[i]).rows, rows);
      }
    });

    for (const [i, { access, resourceId, rows }] of recipients.entries()) {
      it(`is read by the customer's own users, by ${access}, and by nobody else`, async () => {
        const connection = connections[i];
        assert.ok(connection);
        const { sandboxUrl } = vendor.target;
        const details = await vendor.call<Details>(
          `GET /v1/connections/${connection.id}/access-details`,
        );
        const user = await newUser(
          sandboxUrl,
          account,
          `${resourceId}-reader`,
          details.customerPolicy,
        );
        const reader = details.role ? await assumeRole(sandboxUrl, user, details.role.arn) : user;
        const [folder] = details.folders;
        assert.equal(folder?.customerMay, 'read');

        const { manifestKey } = recipientOf(run, connection);
        const s3 = s3As(sandboxUrl, reader);
        const manifest = await readDelivery(s3, connection.bucket, manifestKey);

        assert.equal(manifest.rows, rows);
        const [verified] = await verifyAs(reader, folder.location);
        assert.equal(verified?.verdict, 'passed', JSON.stringify(verified?.findings));
        assert.equal(verified.manifest.rows, rows);
        const Key = `outbound/_causeway/receipts/${run.id}`;
        await s3.send(new PutObjectCommand({ Bucket: connection.bucket, Key }));
        const file = { Bucket: connection.bucket, Key: manifestKey };
        await assert.rejects(s3.send(new PutObjectCommand({ ...file, Body: 'mine' })), denied);
        await assert.rejects(s3.send(new DeleteObjectCommand(file)), denied);
        const other = s3As(sandboxUrl, rootKey(stranger));
        await assert.rejects(other.send(new GetObjectCommand(file)), denied);
      });
    }
  });

  /** Reads every file that is under `outbound/`, and holds each against the manifest. */
  async function readDelivery(
    s3: S3Client,
    Bucket: string,
    manifestKey: string,
  ): Promise<Manifest> {
    const read = async (Key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    const manifest = await verifiedManifest(vendor.target, await read(manifestKey));
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'outbound/' }),
    );
    assert.deepEqual(
      Contents.map(({ Key }) => Key).sort(),
      [manifestKey, ...manifest.files.map(({ key }) => key)].sort(),
    );
    await assertUnchanged(manifest, read);
    return manifest;
  }

  function verifyAs(credentials: Keys, location: string): Promise<Verified[]> {
    const { sandboxUrl, url } = vendor.target;
    const keysUrl = `${url}/.well-known/causeway-keys.json`;
    return runVerify(location, { credentials, owner: operator, endpoint: sandboxUrl, keysUrl });
  }
}

function recipientOf(run: Run, connection: Connection | undefined) {
  const found = run.recipients.find(({ customerId }) => customerId === connection?.customerId);
  assert.ok(found, JSON.stringify(run.recipients));
  return found;
}
