import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';

/** What an S3 request is about. */
export interface S3Target {
  readonly bucket: string | null;
  readonly key: string | null;
  /** Whether the bucket was named in the host name. */
  readonly virtualHost: boolean;
}

const maxKeyBytes = 1024;

/**
 * Reads bucket and key from host name and path. Buckets are also known as
 * `<bucket>.s3.localhost`, `<bucket>.s3.<region>.localhost` and `<bucket>.localhost`.
 *
 * @throws AwsError `InvalidURI` or `KeyTooLongError`.
 */
export function readTarget(incoming: Incoming): S3Target {
  const path = decodePath(incoming.rawPath);
  const virtual = bucketOfHost(incoming.hostName);
  if (virtual !== null) return { bucket: virtual, key: checkKey(path.slice(1)), virtualHost: true };
  const slash = path.indexOf('/', 1);
  const bucket = slash < 0 ? path.slice(1) : path.slice(1, slash);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return { bucket: bucket || null, key: checkKey(key), virtualHost: false };
}

/** Whether a host name is one of S3 alone, of a bucket or not; the bare address is of every service. */
export function isS3Host(hostName: string): boolean {
  return s3Host.test(hostName) || bucketOfHost(hostName) !== null;
}

const s3Host = /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?\.localhost$/;

/** The bucket that a host name names, or null. */
export function bucketOfHost(hostName: string): string | null {
  const match = s3Host.exec(hostName);
  if (match) return match[1] ?? null;
  const [, bucket] = /^([a-z0-9][a-z0-9.-]+)\.localhost$/.exec(hostName) ?? [];
  return bucket === undefined || /^(s3|sts|iam|kms|sqs)([.-]|$)/.test(bucket) ? null : bucket;
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** @throws AwsError `KeyTooLongError`. */
export function checkKey(key: string): string | null {
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new AwsError(400, 'KeyTooLongError', 'Your key is too long', {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(maxKeyBytes) },
    });
  }
  return key || null;
}
