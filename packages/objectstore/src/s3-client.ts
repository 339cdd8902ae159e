import { S3Client } from '@aws-sdk/client-s3';
import type { CredentialSource } from './credentials.ts';
import type { GuardedAgents } from './endpoints/guarded-agents.ts';
import { requireBucketOwner } from './require-bucket-owner.ts';
import { s3Settings } from './sdk-settings.ts';
import { sendPayloadUnsigned } from './send-payload-unsigned.ts';
import { type StoreCapabilities, s3Capabilities } from './store-capabilities.ts';

export interface S3ClientOptions {
  readonly region: string;
  readonly credentials: CredentialSource;
  /**
   * Twelve digits. Sent with every request; S3 refuses when another account owns the
   * bucket. Null only for a store without that: see `capabilities`.
   */
  readonly expectedBucketOwner: string | null;
  /** An S3-compatible store. Without it, AWS in `region`. */
  readonly endpoint?: string;
  /** What that store lacks; nothing by default. */
  readonly capabilities?: StoreCapabilities;
  /** `https://endpoint/bucket/key`. By default only when an endpoint is given. */
  readonly forcePathStyle?: boolean;
  readonly connectTimeoutMs?: number;
  /** A connection on which nothing moves for this long is given up. */
  readonly idleTimeoutMs?: number;
  readonly maxSockets?: number;
  /** Open connections in place of our own agents: guarded, or shared with others. */
  readonly agents?: GuardedAgents;
}

export const defaultMaxSockets = 50;

/** An SDK client that never speaks to a bucket of another account, tuned for many large parts. */
export function createS3Client(options: S3ClientOptions): S3Client {
  const agent = { keepAlive: true, maxSockets: options.maxSockets ?? defaultMaxSockets };
  const checksums = options.capabilities?.checksums ?? true;
  const client = new S3Client({
    ...s3Settings(),
    region: options.region,
    credentials: options.credentials,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    forcePathStyle: options.forcePathStyle ?? options.endpoint !== undefined,
    followRegionRedirects: false,
    // Attempts are ours alone to repeat: after a hidden one nobody could tell an object
    // that was there before from one that the lost attempt wrote.
    maxAttempts: 1,
    requestChecksumCalculation: checksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    // With it the SDK opens a connection for every part instead of keeping one alive.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: options.connectTimeoutMs ?? 5_000,
      socketTimeout: options.idleTimeoutMs ?? 60_000,
      httpAgent: agent,
      httpsAgent: agent,
      ...options.agents,
    },
  });
  const { expectedBucketOwner: owner, capabilities } = options;
  if (owner !== null || (capabilities ?? s3Capabilities).expectedBucketOwner) {
    requireBucketOwner(client, owner ?? '');
  }
  if (checksums) sendPayloadUnsigned(client);
  return client;
}
