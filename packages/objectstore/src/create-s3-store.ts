import { plainWriteOptions } from '@causeway/contract';
import type { ObjectStore } from './object-store.ts';
import { openBucketCalls } from './open-bucket-calls.ts';
import { s3Reader } from './s3-reader.ts';
import type { S3StoreOptions } from './s3-store-options.ts';
import { s3Writer } from './s3-writer.ts';
import { writeHeaders } from './write-headers.ts';

export interface S3Store extends ObjectStore {
  /** Closes idle connections. Calls under way fail. */
  close(): void;
}

/**
 * Opens a bucket of S3, or of a store that speaks like it.
 *
 * @throws CausewayError `invalid_location` when the name is not a plain bucket name.
 */
export function createS3Store(options: S3StoreOptions): S3Store {
  const { calls, close } = openBucketCalls(options);
  return {
    name: `s3://${calls.bucket}`,
    ...s3Reader(calls),
    ...s3Writer(calls, writeHeaders(options.writeOptions ?? plainWriteOptions)),
    close,
  };
}
