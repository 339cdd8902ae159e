import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import type { Receiver } from '../../testing/receiver.ts';

/** What happens to a customer's bucket in the middle of a run, and how it is mended. */
export interface WorldChange {
  readonly name: string;
  readonly code: string;
  /** What a check calls it. */
  readonly cause: string;
  readonly side: 'customer' | 'operator';
  readonly happen: (receiver: Receiver) => Promise<() => Promise<void>>;
}

const stranger = '333333333333';

export function worldChanges(sandboxUrl: string): readonly WorldChange[] {
  return [
    {
      name: 'the bucket is gone',
      code: 'bucket_not_found',
      cause: 'bucket_not_found',
      side: 'customer',
      async happen(receiver) {
        await receiver.abortUploads();
        await receiver.deleteBucket();
        return () => receiver.createBucket();
      },
    },
    {
      name: 'the bucket belongs to a stranger',
      code: 'access_denied',
      cause: 'write_denied',
      side: 'customer',
      async happen(receiver) {
        await receiver.abortUploads();
        await receiver.deleteBucket();
        const { s3 } = accountClients(sandboxUrl, stranger);
        const { bucket } = receiver.connection;
        await s3.send(new CreateBucketCommand({ Bucket: bucket }));
        return async () => {
          const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
          assert.equal(KeyCount, 0, 'what the stranger was given');
          await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
          await receiver.createBucket();
        };
      },
    },
    {
      name: 'the bucket is made anew in another region',
      code: 'bucket_region_mismatch',
      cause: 'region_wrong',
      side: 'operator',
      async happen(receiver) {
        await receiver.abortUploads();
        await receiver.deleteBucket();
        await receiver.createBucket('eu-west-1');
        const { accountId, bucket } = receiver.connection;
        const credentials = rootCredentials(accountId);
        return async () => {
          const there = new S3Client({
            endpoint: sandboxUrl,
            forcePathStyle: true,
            region: 'eu-west-1',
            credentials,
          });
          await there.send(new DeleteBucketCommand({ Bucket: bucket }));
          await receiver.createBucket();
        };
      },
    },
    {
      name: 'the role loses its rights',
      code: 'access_denied',
      cause: 'explicit_deny',
      side: 'customer',
      happen: (receiver) => receiver.lockOut(),
    },
  ];
}
