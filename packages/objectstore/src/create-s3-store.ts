import { plainWriteOptions, type WriteOptions } from '@causeway/contract';
import type { ObjectStore } from './object-store.ts';
import { openBucketCalls } from './open-bucket-calls.ts';
import type { RequestTime } from './request-deadline.ts';
import type { RequestWatch } from './request-watch.ts';
import type { S3ClientOptions } from './s3-client.ts';
import { s3Reader } from './s3-reader.ts';
import { s3Writer } from './s3-writer.ts';
import { writeHeaders } from './write-headers.ts';

export interface S3StoreOptions extends S3ClientOptions {
  readonly bucket: string;
  /** Ends every call of this store. */
  readonly signal?: AbortSignal;
  /**
   * How long one call may be tried again after failures that pass, 60 s by default.
   * An attempt begun within it is not cut short.
   */
  readonly retryBudgetMs?: number;
  /** How long one attempt may take, though bytes move. */
  readonly requestTime?: RequestTime;
  readonly onRequest?: RequestWatch;
  /** How objects are written; by default the bucket decides. */
  readonly writeOptions?: WriteOptions;
}

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
