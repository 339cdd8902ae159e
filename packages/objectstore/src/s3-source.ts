import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CausewayError, parseLocation } from '@causeway/contract';
import { type BucketCalls, bucketCalls } from './bucket-calls.ts';
import { checkKey } from './check-key.ts';
import { createS3Client, type S3ClientOptions } from './s3-client.ts';
import { s3Capabilities } from './store-capabilities.ts';
import { wholeObject } from './whole-object.ts';

/** A bucket that data is read from: whole objects, each in the one version that was found. */
export interface S3Source {
  /** @throws CausewayError `object_not_found`, `access_denied` and the like. */
  head(key: string): Promise<FoundObject>;
  /** Objects whose key begins with `prefix`, in UTF-8 order. */
  list(prefix: string): AsyncIterable<FoundObject>;
  /**
   * The bytes from `from` on. The stream fails when it ends short.
   *
   * @throws CausewayError `object_exists` when the object is another by now.
   */
  read(object: FoundObject, from: number): Promise<Readable>;
  /** Closes idle connections. */
  close(): void;
}

export interface FoundObject {
  readonly key: string;
  readonly bytes: number;
  /** As S3 sends it, in quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** @throws CausewayError `invalid_location` when the name is not a plain bucket name. */
export function openS3Source(
  options: S3ClientOptions & { readonly bucket: string; readonly signal?: AbortSignal },
): S3Source {
  const { bucket } = parseLocation(`s3://${options.bucket}`);
  const client = createS3Client(options);
  const calls = bucketCalls({
    client,
    bucket,
    region: options.region,
    credentials: options.credentials,
    capabilities: options.capabilities ?? s3Capabilities,
    retryBudgetMs: 60_000,
    ...(options.signal && { signal: options.signal }),
  });
  return {
    head: (key) => head(calls, key),
    list: (prefix) => list(calls, prefix),
    read: (object, from) => read(calls, object, from),
    close: () => client.destroy(),
  };
}

async function head(calls: BucketCalls, key: string): Promise<FoundObject> {
  const command = new HeadObjectCommand({ Bucket: calls.bucket, Key: checkKey(key) });
  const found = await calls.repeated({
    operation: 'HeadObject',
    key,
    send: (client, options) => client.send(command, options),
  });
  return foundObject({ ...found, Key: key, Size: found.ContentLength });
}

async function* list(calls: BucketCalls, prefix: string): AsyncGenerator<FoundObject> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: calls.bucket,
      Prefix: prefix,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await calls.repeated({
      operation: 'ListObjectsV2',
      key: prefix,
      send: (client, options) => client.send(command, options),
    });
    for (const object of page.Contents ?? []) yield foundObject(object);
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function foundObject(object: {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}): FoundObject {
  const { Key: key, Size: bytes, ETag: etag, LastModified: modifiedAt } = object;
  if (key !== undefined && bytes !== undefined && etag !== undefined && modifiedAt !== undefined) {
    return { key, bytes, etag, modifiedAt };
  }
  const details = { what: 'an object', expected: 'size, ETag and time', found: 'some of them' };
  throw new CausewayError('integrity_violated', details);
}

async function read(calls: BucketCalls, object: FoundObject, from: number): Promise<Readable> {
  const { key, etag, bytes } = object;
  const command = new GetObjectCommand({
    Bucket: calls.bucket,
    Key: checkKey(key),
    IfMatch: etag,
    // Of a part, S3 has no checksum to compare.
    ...(from === 0 ? { ChecksumMode: 'ENABLED' as const } : { Range: `bytes=${from}-` }),
  });
  const output = await calls.repeated({
    operation: 'GetObject',
    key,
    send: (client, options) => client.send(command, options),
  });
  return wholeObject(output.Body as Readable, key, bytes - from);
}
