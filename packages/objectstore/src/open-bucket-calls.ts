import { parseLocation } from '@causeway/contract';
import { type BucketCalls, bucketCalls } from './bucket-calls.ts';
import { createS3Client } from './s3-client.ts';
import type { S3StoreOptions } from './s3-store-options.ts';
import { s3Capabilities } from './store-capabilities.ts';

export interface OpenBucketCalls {
  readonly calls: BucketCalls;
  /** Closes idle connections. Calls under way fail. */
  close(): void;
}

/**
 * Makes a client for a bucket, and what calls it.
 *
 * @throws CausewayError `invalid_location` when the name is not a plain bucket name.
 */
export function openBucketCalls(options: S3StoreOptions): OpenBucketCalls {
  const { bucket } = parseLocation(`s3://${options.bucket}`);
  const client = createS3Client(options);
  const calls = bucketCalls({
    client,
    bucket,
    region: options.region,
    credentials: options.credentials,
    capabilities: options.capabilities ?? s3Capabilities,
    retryBudgetMs: options.retryBudgetMs ?? 60_000,
    ...(options.maxSockets !== undefined && { mostAtOnce: options.maxSockets }),
    ...(options.requestTime && { requestTime: options.requestTime }),
    ...(options.signal && { signal: options.signal }),
    ...(options.onRequest && { onRequest: options.onRequest }),
  });
  return { calls, close: () => client.destroy() };
}
