import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CausewayError } from '@causeway/contract';
import type { BucketCalls } from './bucket-calls.ts';
import { checkKey } from './check-key.ts';
import { crc32Base64 } from './crc32-base64.ts';
import { bareEtag, multipartEtag, singleEtag } from './object-etag.ts';
import type {
  CompleteUpload,
  CreateUpload,
  ListedUpload,
  ObjectReader,
  ObjectStore,
  PutObject,
  UploadedPart,
  UploadPart,
  WrittenObject,
} from './object-store.ts';
import { failureOf } from './s3-failure.ts';
import { outsidePrefix } from './s3-reader.ts';
import { settleWrite } from './settle-write.ts';
import type { WriteHeaders } from './write-headers.ts';

/** The writing half of a bucket; every object is begun with `headers`. */
export function s3Writer(
  calls: BucketCalls,
  headers: WriteHeaders,
): Omit<ObjectStore, keyof ObjectReader> {
  let hasStrays = false;
  const onLostAnswer = () => {
    hasStrays = true;
  };
  return {
    capabilities: calls.capabilities,
    createMultipartUpload: (input) => createUpload(calls, { ...input, headers }, onLostAnswer),
    uploadPart: (input) => uploadPart(calls, input),
    completeMultipartUpload: (input) => completeUpload(calls, input),
    abortMultipartUpload: (input) => abortUpload(calls, input),
    listUploads: (prefix) => listUploads(calls, prefix),
    mayHaveStrays: () => hasStrays,
    deleteObject: (key) => deleteObject(calls, key),
    putObject: (input) => putObject(calls, { ...input, headers }),
  };
}

/** An object as it is begun; parts and completion say nothing more of it. */
interface Begun {
  readonly headers: WriteHeaders;
}

async function createUpload(
  calls: BucketCalls,
  input: CreateUpload & Begun,
  onLostAnswer: () => void,
): Promise<string> {
  const key = checkKey(input.key);
  const command = new CreateMultipartUploadCommand({
    Bucket: calls.bucket,
    Key: key,
    ContentType: input.contentType,
    ...(calls.capabilities.checksums && { ChecksumAlgorithm: 'CRC32' as const }),
    Metadata: { 'cw-token': input.token },
    ...input.headers,
  });
  const operation = 'CreateMultipartUpload';
  const output = await calls.repeated({
    operation,
    key,
    graceMs: 2_000,
    send: (client, options) =>
      client.send(command, options).catch((error: unknown) => {
        if (failureOf(error) === 'unavailable') onLostAnswer();
        throw error;
      }),
  });
  if (!output.UploadId) throw withoutId(operation);
  return output.UploadId;
}

function withoutId(operation: string): CausewayError {
  return new CausewayError('store_refused', {
    operation,
    code: 'OK',
    reason: 'the answer has no upload id',
  });
}

/** The body's CRC-32: the caller's, which the store verifies or, where it does not, we. */
function checkedCrc32({ capabilities }: BucketCalls, { key, body, crc32 }: UploadPart): string {
  if (crc32 !== undefined && capabilities.checksums) return crc32;
  const found = crc32Base64(body);
  if (crc32 === undefined || crc32 === found) return found;
  throw new CausewayError('integrity_violated', {
    what: `the upload of "${key}"`,
    expected: `CRC-32 ${crc32}`,
    found,
  });
}

async function uploadPart(calls: BucketCalls, input: UploadPart): Promise<UploadedPart> {
  const { key, partNumber, body } = input;
  const crc32 = checkedCrc32(calls, input);
  const output = await calls.repeated({
    operation: 'UploadPart',
    key,
    bytes: body.byteLength,
    ...(input.signal && { signal: input.signal }),
    send: (client, options) =>
      client.send(
        new UploadPartCommand({
          Bucket: calls.bucket,
          Key: key,
          UploadId: input.uploadId,
          PartNumber: partNumber,
          Body: asBuffer(body),
          ContentLength: body.byteLength,
          ...(calls.capabilities.checksums && { ChecksumCRC32: crc32 }),
        }),
        options,
      ),
  });
  return { partNumber, etag: bareEtag(output.ETag), bytes: body.byteLength, crc32 };
}

function completeUpload(calls: BucketCalls, input: CompleteUpload): Promise<WrittenObject> {
  const { key, uploadId } = input;
  const parts = input.parts.toSorted((a, b) => a.partNumber - b.partNumber);
  const command = new CompleteMultipartUploadCommand({
    Bucket: calls.bucket,
    Key: key,
    UploadId: uploadId,
    IfNoneMatch: '*',
    MultipartUpload: {
      Parts: parts.map((part) => ({
        PartNumber: part.partNumber,
        ETag: `"${part.etag}"`,
        ...(calls.capabilities.checksums && { ChecksumCRC32: part.crc32 }),
      })),
    },
  });
  const operation = 'CompleteMultipartUpload';
  return settleWrite(calls, {
    operation,
    key,
    token: input.token,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    expectedEtag: () => multipartEtag(parts),
    sentBefore: input.sentBefore ?? false,
    lookFirst: !calls.capabilities.conditionalComplete,
    send: async (isRetry) => {
      const output = await calls.once({
        operation,
        key,
        isRetry,
        send: (client, options) => client.send(command, options),
      });
      // Some stores leave it out of this answer.
      return bareEtag(output.ETag) || multipartEtag(parts);
    },
  });
}

async function abortUpload(
  calls: BucketCalls,
  input: { readonly key: string; readonly uploadId: string },
): Promise<void> {
  const { key, uploadId } = input;
  const command = new AbortMultipartUploadCommand({
    Bucket: calls.bucket,
    Key: key,
    UploadId: uploadId,
  });
  try {
    await calls.repeated({
      operation: 'AbortMultipartUpload',
      key,
      graceMs: 5_000,
      clearsAway: true,
      send: (client, options) => client.send(command, options),
    });
  } catch (error) {
    if (!CausewayError.is(error, 'upload_not_found')) throw error;
  }
}

/**
 * Keys as they are: of an encoding Ceph does not say whether it has kept to it, and our own
 * keys hold nothing that XML could not.
 */
async function listUploads(calls: BucketCalls, prefix: string): Promise<ListedUpload[]> {
  const uploads: ListedUpload[] = [];
  let from: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {};
  while (from) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: calls.bucket,
      Prefix: prefix,
      ...from,
    });
    const page = await calls.repeated({
      operation: 'ListMultipartUploads',
      key: prefix,
      send: (client, options) => client.send(command, options),
    });
    for (const { Key: key = '', UploadId: uploadId = '' } of page.Uploads ?? []) {
      if (!key.startsWith(prefix)) throw outsidePrefix(prefix, key);
      uploads.push({ key, uploadId });
    }
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
    from =
      IsTruncated && NextKeyMarker !== undefined
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextUploadIdMarker !== undefined && { UploadIdMarker: NextUploadIdMarker }),
          }
        : null;
  }
  return uploads;
}

async function deleteObject(calls: BucketCalls, key: string): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: calls.bucket, Key: checkKey(key) });
  await calls.repeated({
    operation: 'DeleteObject',
    key,
    send: (client, options) => client.send(command, options),
  });
}

async function putObject(calls: BucketCalls, input: PutObject & Begun): Promise<WrittenObject> {
  const key = checkKey(input.key);
  const { body } = input;
  const operation = 'PutObject';
  return settleWrite(calls, {
    operation,
    key,
    token: input.token,
    bytes: body.byteLength,
    expectedEtag: () => singleEtag(body),
    sentBefore: input.sentBefore ?? false,
    send: async (isRetry) => {
      const command = new PutObjectCommand({
        Bucket: calls.bucket,
        Key: key,
        Body: asBuffer(body),
        ContentLength: body.byteLength,
        ContentType: input.contentType,
        ...(calls.capabilities.checksums && { ChecksumCRC32: crc32Base64(body) }),
        IfNoneMatch: '*',
        Metadata: { 'cw-token': input.token },
        ...input.headers,
      });
      const output = await calls.once({
        operation,
        key,
        bytes: body.byteLength,
        isRetry,
        send: (client, options) => client.send(command, options),
      });
      return bareEtag(output.ETag);
    },
  });
}

/** The SDK copies what is not a `Buffer`. */
function asBuffer(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
