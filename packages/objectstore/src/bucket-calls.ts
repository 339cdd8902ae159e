import type { S3Client } from '@aws-sdk/client-s3';
import { startBackoff } from './backoff.ts';
import type { AwsCredentials, CredentialSource } from './credentials.ts';
import { lateSignal } from './late-signal.ts';
import { type RequestTime, usualRequestTime, withDeadline } from './request-deadline.ts';
import { requestPace } from './request-pace.ts';
import type { RequestWatch } from './request-watch.ts';
import { defaultMaxSockets } from './s3-client.ts';
import { asksForLess, failureOf, type S3Failure } from './s3-failure.ts';
import type { StoreCapabilities } from './store-capabilities.ts';
import { toCausewayError } from './to-causeway-error.ts';

export interface BucketCallsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly capabilities: StoreCapabilities;
  /** How long a call may be tried again after it failed in passing. */
  readonly retryBudgetMs: number;
  /** How long each request may take, see `withDeadline`. */
  readonly requestTime?: RequestTime;
  /** How many requests are under way at once, as long as the store takes them: as many as sockets by default. */
  readonly mostAtOnce?: number;
  readonly signal?: AbortSignal;
  readonly onRequest?: RequestWatch;
}

/** One S3 call: the request itself, and what it is called in messages. */
export interface Call<T> {
  readonly operation: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
  /** Of its body: a large one may take longer. */
  readonly bytes?: number;
  /** How long it may go on when its signal has fired: cut off, it would leave an upload that nobody knows. */
  readonly graceMs?: number;
  /** Whether it may even begin then: it clears away. */
  readonly clearsAway?: boolean;
  /** Whether it was sent before, and failed. */
  readonly isRetry?: boolean;
  readonly send: (client: S3Client, options: { readonly abortSignal?: AbortSignal }) => Promise<T>;
}

/** How every request of one bucket is made: signals, pace, fresh credentials, retries, typed errors. */
export interface BucketCalls {
  readonly bucket: string;
  readonly capabilities: StoreCapabilities;
  readonly retryBudgetMs: number;
  readonly signal: AbortSignal | undefined;
  /** Sends once, and once more with renewed credentials. Rejects with what the SDK threw. */
  once<T>(call: Call<T>): Promise<T>;
  /** Sends until it is answered or the budget is spent; only for what is safe to repeat. */
  repeated<T>(call: Call<T>): Promise<T>;
  /** Translates what {@link once} rejected with. */
  explain(error: unknown, call: Pick<Call<unknown>, 'operation' | 'key'>): unknown;
}

const passing: ReadonlySet<S3Failure> = new Set(['unavailable', 'conflict', 'corrupted']);

export function bucketCalls(options: BucketCallsOptions): BucketCalls {
  const { client, bucket, region, retryBudgetMs, mostAtOnce = defaultMaxSockets } = options;
  const { requestTime = usualRequestTime } = options;
  const pace = requestPace({ mostAtOnce, isTooMuch: asksForLess });
  const calls: BucketCalls = {
    bucket,
    capabilities: options.capabilities,
    retryBudgetMs,
    signal: options.signal,
    async once(call) {
      const signal = anySignal(options.signal, call.signal);
      if (!call.clearsAway) signal?.throwIfAborted();
      const late = signal && lateSignal(signal, call.graceMs ?? 0);
      const used = await client.config.credentials();
      const send = (isRetry: boolean) =>
        pace.send(() => {
          options.onRequest?.({ service: 's3', isRetry });
          const limits = { bytes: call.bytes ?? 0, signal: late?.signal };
          return withDeadline(requestTime, limits, (abortSignal) =>
            call.send(client, { abortSignal }),
          );
        }, late?.signal);
      try {
        return await send(call.isRetry ?? false);
      } catch (error) {
        signal?.throwIfAborted();
        if (failureOf(error) !== 'credentials_expired') throw error;
        await renewCredentials(options, used);
        return await send(true);
      } finally {
        late?.end();
      }
    },
    async repeated(call) {
      const signal = anySignal(options.signal, call.signal);
      const backoff = startBackoff(retryBudgetMs, signal);
      for (let isRetry = false; ; isRetry = true) {
        try {
          return await calls.once({ ...call, isRetry });
        } catch (error) {
          signal?.throwIfAborted();
          const failure = failureOf(error);
          if (passing.has(failure) && (await backoff.pause(failure))) continue;
          throw calls.explain(error, call);
        }
      }
    },
    explain(error, { operation, key }) {
      return toCausewayError(error, {
        operation,
        bucket,
        region,
        ...(key !== undefined && { key }),
      });
    },
  };
  return calls;
}

/** Only the credentials that were rejected are dropped: of many parallel calls, one renews. */
async function renewCredentials(
  { client, credentials }: BucketCallsOptions,
  rejected: AwsCredentials,
): Promise<void> {
  if (typeof credentials === 'function') credentials.invalidate?.(rejected);
  await client.config.credentials({ forceRefresh: true });
}

function anySignal(a?: AbortSignal, b?: AbortSignal): AbortSignal | undefined {
  return a && b ? AbortSignal.any([a, b]) : (a ?? b);
}
