import { CausewayError } from './errors.ts';
import { type Location, parseLocation } from './location.ts';

/** What is under a bucket unless somebody says otherwise: never the whole of it. */
const usualPrefix = 'causeway/';

/**
 * Reads a place as people copy it: a bucket's name or ARN, an `s3://` address, the
 * address of a bucket's page in the AWS console, or that of an object. What comes of
 * it is held against {@link parseLocation} like every other place.
 *
 * @param prefix Instead of the one that the text has.
 * @throws CausewayError `invalid_location`.
 */
export function readLocation(text: string, prefix?: string): Location {
  const found = fromUrl(text) ?? fromArn(text) ?? fromS3Uri(text) ?? { bucket: text, path: null };
  if (found.bucket === '' || found.bucket.includes('/')) {
    const reason = 'it names no bucket';
    throw new CausewayError('invalid_location', { found: text, reason });
  }
  const path = (prefix ?? found.path ?? usualPrefix).trim().replace(/^\//, '');
  return parseLocation(`s3://${found.bucket}/${path}`);
}

interface Found {
  readonly bucket: string;
  /** Null where the text says nothing about it. */
  readonly path: string | null;
}

function found(bucket: string, path: string | null | undefined): Found {
  return { bucket, path: path ? path : null };
}

function fromS3Uri(text: string): Found | null {
  const match = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text);
  return match ? found(match[1] ?? '', match[2]) : null;
}

/** `arn:aws:s3:::bucket`, or one of objects in it. Those of access points are no buckets. */
function fromArn(text: string): Found | null {
  const match = /^arn:[a-z-]+:s3:::([^/]*)(?:\/(.*))?$/.exec(text);
  return match ? found(match[1] ?? '', match[2]?.replace(/\*$/, '')) : null;
}

function fromUrl(text: string): Found | null {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null) return null;
  const [first = '', ...rest] = decode(url.pathname).slice(1).split('/');
  if (/(^|\.)console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/.test(url.hostname)) {
    const page = /^\/s3\/(?:buckets|object)\/([^/]+)/.exec(url.pathname);
    return page ? found(page[1] ?? '', url.searchParams.get('prefix')) : null;
  }
  const host = /^(?:(.+)\.)?s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/.exec(url.hostname);
  if (!host) return null;
  const path = folderOf(host[1] === undefined ? rest.join('/') : [first, ...rest].join('/'));
  return found(host[1] ?? first, path);
}

/** Of an object's key, what is before its name. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
