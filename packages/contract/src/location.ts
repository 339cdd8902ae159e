import { CausewayError } from './errors.ts';

/** A bucket and the prefix in it that a connection is confined to. */
export interface Location {
  readonly bucket: string;
  /** Ends in `/` unless it is empty, which stands for the whole bucket. */
  readonly prefix: string;
}

/**
 * General purpose bucket names without dots: they have no TLS certificate in
 * virtual-host style, and no ARN or path can hide in the remaining alphabet.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/**
 * What no general purpose bucket is called: names of S3's own, of access points and of
 * buckets of other kinds, which a request would be sent elsewhere for.
 */
const reserved = {
  starts: ['xn--', 'sthree-', 'amzn-s3-demo-'],
  ends: ['-s3alias', '--ol-s3', '--x-s3', '--table-s3'],
} as const;

/** Where Causeway keeps its own under a prefix; no other connection may lead into it. */
const ownSegment = '_causeway';

/** S3's "safe characters" less `!*'()`, which mean something in IAM patterns or shells. */
const segment = /^[A-Za-z0-9_.=-]+$/;

/** The prefix must leave room for our own keys below S3's limit of 1,024 bytes. */
const longestPrefix = 512;

/**
 * Parses `s3://bucket/prefix/`, the one way in which a location is written.
 * A missing last slash is added, so that `t1` can never match `t10`.
 *
 * @throws CausewayError `invalid_location` saying which part is wrong and why.
 */
export function parseLocation(text: string): Location {
  const refuse = (reason: string) => new CausewayError('invalid_location', { found: text, reason });
  const match = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(text);
  if (!match) throw refuse('it does not start with "s3://"');
  const bucket = match[1] ?? '';
  if (!bucketName.test(bucket)) {
    throw refuse(
      `"${bucket}" is not a bucket name of 3 to 63 lower-case letters, digits and hyphens`,
    );
  }
  const taken = whyReserved(bucket);
  if (taken !== null) throw refuse(`"${bucket}" ${taken}`);
  const path = (match[2] ?? '').replace(/\/$/, '');
  if (path === '') return { bucket, prefix: '' };
  for (const part of path.split('/')) {
    if (part === '') throw refuse('the prefix has an empty segment');
    if (part === '.' || part === '..') throw refuse(`the prefix has the segment "${part}"`);
    if (part === ownSegment) throw refuse(`"${ownSegment}/" is for what Causeway itself writes`);
    if (!segment.test(part)) {
      throw refuse(`the segment "${part}" has characters other than letters, digits and "_.=-"`);
    }
  }
  if (path.length > longestPrefix) throw refuse(`the prefix is longer than ${longestPrefix} bytes`);
  return { bucket, prefix: `${path}/` };
}

/** Why no general purpose bucket can have this name, whose letters are right; null if one can. */
export function whyReserved(bucket: string): string | null {
  const start = reserved.starts.find((each) => bucket.startsWith(each));
  if (start !== undefined) return `begins with "${start}", which AWS reserves`;
  const end = reserved.ends.find((each) => bucket.endsWith(each));
  return end === undefined ? null : `ends in "${end}", which no general purpose bucket does`;
}

/** Writes a location the way {@link parseLocation} reads it. */
export function formatLocation(location: Location): string {
  return `s3://${location.bucket}/${location.prefix}`;
}

/** Whether one location lies within the other, in either direction. */
export function locationsOverlap(a: Location, b: Location): boolean {
  if (a.bucket !== b.bucket) return false;
  return a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
}
