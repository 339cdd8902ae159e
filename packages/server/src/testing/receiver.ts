import assert from 'node:assert/strict';
import { link, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import {
  type Connection,
  type ConnectionBy,
  type Customer,
  Manifest,
  type PublicKeySet,
  type RowFilter,
  type Window,
} from '@causeway/contract';
import { type VerifyFinding, verifyDelivery } from '@causeway/delivery';
import { type DuckDbEngine, parquetFile } from '@causeway/engine';
import { createS3Store } from '@causeway/objectstore';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';

/** A customer with a bucket: what it sees there, and what its administrator may do. */
export interface Receiver {
  readonly customer: Customer;
  readonly connection: RoleConnection;
  /** All keys of a dataset's files and manifests. */
  keysOf(dataset: string): Promise<string[]>;
  /**
   * Keys of uploads of deliveries that are neither completed nor aborted. Those of checks do not
   * count: one that loses its rights in the middle may not abort, and says so in its report.
   */
  openUploads(): Promise<string[]>;
  /** Aborts those, as the customer's administrator can. */
  abortUploads(): Promise<void>;
  /** Takes from Causeway's role all that its policy allows, until it is called off. */
  lockOut(): Promise<() => Promise<void>>;
  /** For a bucket without objects. */
  deleteBucket(): Promise<void>;
  /** In `us-east-1` by default. */
  createBucket(region?: string): Promise<void>;
  /** Proves a delivery as a receiver would, and compares its rows with those of the source. */
  verify(manifestKey: string, expected: ExpectedRows): Promise<Verified>;
}

/** A connection by a role of which everything is known. */
export type RoleConnection = ConnectionBy<'role'> & {
  readonly bucket: string;
  readonly accountId: string;
  readonly roleArn: string;
};

function requireRole(connection: Connection): RoleConnection {
  assert.ok(connection.access === 'role');
  const { bucket, accountId, roleArn } = connection;
  assert.ok(bucket !== null && accountId !== null && roleArn !== null);
  return { ...connection, bucket, accountId, roleArn };
}

export interface ExpectedRows {
  readonly engine: DuckDbEngine;
  readonly keys: PublicKeySet;
  readonly sourcePath: string;
  readonly customerColumn: string | null;
  readonly filter?: RowFilter | null;
  readonly columns?: readonly string[] | null;
  readonly window?: { readonly cursorColumn: string } & Window;
}

export function openReceiver(sandboxUrl: string, customer: Customer, given: Connection): Receiver {
  const connection = requireRole(given);
  const { accountId, bucket, roleArn } = connection;
  const { s3 } = accountClients(sandboxUrl, accountId);
  return {
    customer,
    connection,
    async keysOf(dataset) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.flatMap(({ Key }) => Key ?? []).filter((key) => key.includes(`/${dataset}/`));
    },
    async openUploads() {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      const keys = Uploads.map(({ Key }) => Key ?? '');
      return keys.filter((key) => !key.includes('_causeway/check-'));
    },
    async abortUploads() {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      for (const { Key, UploadId } of Uploads) {
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      }
    },
    async lockOut() {
      await s3.send(
        new PutBucketPolicyCommand({ Bucket: bucket, Policy: denyAll(roleArn, bucket) }),
      );
      return async () => {
        await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
      };
    },
    async deleteBucket() {
      await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    },
    async createBucket(region) {
      const LocationConstraint = region as BucketLocationConstraint | undefined;
      await s3.send(
        new CreateBucketCommand({
          Bucket: bucket,
          ...(LocationConstraint && { CreateBucketConfiguration: { LocationConstraint } }),
        }),
      );
    },
    verify: (manifestKey, expected) =>
      verify({ sandboxUrl, customer, connection }, manifestKey, expected),
  };
}

function denyAll(roleArn: string, bucket: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Deny',
      Principal: { AWS: roleArn },
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    },
  });
}

interface Verified {
  readonly manifest: Manifest;
  readonly findings: readonly VerifyFinding[];
}

interface Place {
  readonly sandboxUrl: string;
  readonly customer: Customer;
  readonly connection: RoleConnection;
}

async function verify(
  { sandboxUrl, customer, connection }: Place,
  manifestKey: string,
  expected: ExpectedRows,
): Promise<Verified> {
  const { accountId, bucket } = connection;
  const { engine, keys, sourcePath, customerColumn, window, filter, columns } = expected;
  const tempDir = await mkdtemp(join(tmpdir(), 'causeway-receiver-'));
  const kept: string[] = [];
  const reader = createS3Store({
    bucket,
    region: 'us-east-1',
    endpoint: sandboxUrl,
    expectedBucketOwner: accountId,
    credentials: rootCredentials(accountId),
  });
  try {
    const report = await verifyDelivery({
      reader,
      manifestKey,
      keys,
      tempDir,
      inspect: (file) => engine.inspectFile(file),
      async onFile(path) {
        const copy = join(tempDir, String(kept.length));
        await link(path, copy);
        kept.push(copy);
      },
    });
    const manifest = Manifest.parse(report.manifest);
    const { format, compression, csv } = manifest;
    const { equal } = await engine.compareRows({
      source: parquetFile(sourcePath),
      customerColumn,
      customerValue: customerColumn === null ? null : customer.reference,
      files: kept,
      format,
      compression,
      csv,
      filter,
      columns,
      ...(window && { window }),
    });
    assert.ok(equal, `rows of ${customer.reference} differ from the source's`);
    return { manifest, findings: report.findings };
  } finally {
    reader.close();
    await rm(tempDir, { recursive: true, force: true });
  }
}
