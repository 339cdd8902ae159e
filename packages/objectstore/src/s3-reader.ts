import type { Readable } from 'node:stream';
import {
  type _Object,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { CausewayError } from '@causeway/contract';
import type { BucketCalls } from './bucket-calls.ts';
import { checkKey } from './check-key.ts';
import { bareEtag } from './object-etag.ts';
import type { ListedObject, ObjectHead, ObjectReader } from './object-store.ts';
import { wholeObject } from './whole-object.ts';

/** The reading half of a bucket. */
export function s3Reader(calls: BucketCalls): Omit<ObjectReader, 'name'> {
  return {
    headObject: (key) => headObject(calls, key),
    getObject: (key) => getObject(calls, key),
    listObjects: (prefix) => listObjects(calls, prefix),
  };
}

async function headObject(calls: BucketCalls, key: string): Promise<ObjectHead | null> {
  const command = new HeadObjectCommand({ Bucket: calls.bucket, Key: checkKey(key) });
  try {
    const head = await calls.repeated({
      operation: 'HeadObject',
      key,
      send: (client, options) => client.send(command, options),
    });
    return {
      bytes: head.ContentLength ?? 0,
      etag: bareEtag(head.ETag),
      token: head.Metadata?.['cw-token'] ?? null,
    };
  } catch (error) {
    if (CausewayError.is(error, 'object_not_found')) return null;
    throw error;
  }
}

async function getObject(calls: BucketCalls, key: string): Promise<Readable> {
  const operation = 'GetObject';
  const output = await calls.repeated({
    operation,
    key: checkKey(key),
    send: (client, options) =>
      client.send(
        new GetObjectCommand({ Bucket: calls.bucket, Key: key, ChecksumMode: 'ENABLED' }),
        options,
      ),
  });
  return wholeObject(output.Body as Readable, key, output.ContentLength);
}

async function* listObjects(calls: BucketCalls, prefix: string): AsyncGenerator<ListedObject> {
  for await (const { key, object } of listContents(calls, prefix)) {
    yield { key, bytes: object.Size ?? 0, etag: bareEtag(object.ETag) };
  }
}

/** What S3 lists under a prefix, each with its key decoded. */
export async function* listContents(
  calls: BucketCalls,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly object: _Object }> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: calls.bucket,
      Prefix: prefix,
      // XML cannot carry every character that a key can.
      EncodingType: 'url',
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await calls.repeated({
      operation: 'ListObjectsV2',
      key: prefix,
      send: (client, options) => client.send(command, options),
    });
    const decode = page.EncodingType === 'url' ? decodeKey : (key: string) => key;
    for (const object of page.Contents ?? []) {
      const key = decode(object.Key ?? '');
      if (!key.startsWith(prefix)) throw outsidePrefix(prefix, key);
      yield { key, object };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** A key as a listing with `EncodingType: 'url'` has it. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

export function outsidePrefix(prefix: string, found: string): CausewayError {
  return new CausewayError('integrity_violated', {
    what: 'a listing',
    expected: `keys under "${prefix}"`,
    found,
  });
}
