import { parseLocation } from '@causeway/contract';
import { type BucketCalls, bucketCalls } from './bucket-calls.ts';
import { createS3Client } from './s3-client.ts';
import type { S3StoreOptions } from './s3-store-options.ts';
import { shareConnections } from './shared-connections.ts';
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
  const shared = shares(options) ? shareConnections(options.endpoint) : undefined;
  const client = createS3Client({ ...options, ...(shared && { agents: shared.agents }) });
  const closed = new AbortController();
  const { signal = closed.signal } = options;
  const calls = bucketCalls({
    client,
    bucket,
    region: options.region,
    credentials: options.credentials,
    capabilities: options.capabilities ?? s3Capabilities,
    retryBudgetMs: options.retryBudgetMs ?? 60_000,
    ...(options.maxSockets !== undefined && { mostAtOnce: options.maxSockets }),
    ...(options.requestTime && { requestTime: options.requestTime }),
    signal: signal === closed.signal ? signal : AbortSignal.any([signal, closed.signal]),
    ...(options.onRequest && { onRequest: options.onRequest }),
  });
  return {
    calls,
    close() {
      closed.abort(new Error('The bucket was closed'));
      if (shared) shared.leave();
      else client.destroy();
    },
  };
}

function shares(
  options: S3StoreOptions,
): options is S3StoreOptions & { readonly endpoint: string } {
  const { endpoint, agents, maxSockets } = options;
  return endpoint !== undefined && !agents && maxSockets === undefined;
}
