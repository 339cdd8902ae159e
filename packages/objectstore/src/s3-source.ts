import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { CausewayError } from '@causeway/contract';
import type { BucketCalls } from './bucket-calls.ts';
import { checkKey } from './check-key.ts';
import { openBucketCalls } from './open-bucket-calls.ts';
import { listContents } from './s3-reader.ts';
import type { S3StoreOptions } from './s3-store-options.ts';
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
export function openS3Source(options: S3StoreOptions): S3Source {
  const { calls, close } = openBucketCalls(options);
  return {
    head: (key) => head(calls, key),
    list: (prefix) => list(calls, prefix),
    read: (object, from) => read(calls, object, from),
    close,
  };
}

async function head(calls: BucketCalls, key: string): Promise<FoundObject> {
  const command = new HeadObjectCommand({ Bucket: calls.bucket, Key: checkKey(key) });
  const found = await calls.repeated({
    operation: 'HeadObject',
    key,
    send: (client, options) => client.send(command, options),
  });
  return foundObject(key, { ...found, Size: found.ContentLength });
}

async function* list(calls: BucketCalls, prefix: string): AsyncGenerator<FoundObject> {
  for await (const { key, object } of listContents(calls, prefix)) yield foundObject(key, object);
}

function foundObject(
  key: string,
  object: {
    readonly Size?: number | undefined;
    readonly ETag?: string | undefined;
    readonly LastModified?: Date | undefined;
  },
): FoundObject {
  const { Size: bytes, ETag: etag, LastModified: modifiedAt } = object;
  if (key !== '' && bytes !== undefined && etag !== undefined && modifiedAt !== undefined) {
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
