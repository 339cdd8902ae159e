import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { CausewayError } from '@causeway/contract';
import { checkKey } from './check-key.ts';
import { crc32Base64 } from './crc32-base64.ts';
import { multipartEtag, singleEtag } from './object-etag.ts';
import type {
  CompleteUpload,
  CreateUpload,
  ListedObject,
  ObjectStore,
  PutObject,
  UploadedPart,
  UploadPart,
  WrittenObject,
} from './object-store.ts';
import { smallestPartSizeBytes } from './plan-part-size.ts';
import { s3Capabilities } from './store-capabilities.ts';

interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly token: string;
}

interface OpenUpload extends CreateUpload {
  readonly parts: Map<number, Buffer>;
}

interface Memory {
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, OpenUpload>;
}

/** A bucket in memory, for tests: it keeps the promises of the port and forgets everything with the process. */
export function createMemoryStore(name = 'memory'): ObjectStore {
  const memory: Memory = { objects: new Map(), uploads: new Map() };
  return {
    name,
    // One process and one thread: nobody else owns it, and looking is deciding.
    capabilities: s3Capabilities,
    async headObject(key) {
      const object = memory.objects.get(checkKey(key));
      return object
        ? { bytes: object.body.byteLength, etag: object.etag, token: object.token }
        : null;
    },
    async getObject(key) {
      const object = memory.objects.get(checkKey(key));
      if (!object) throw new CausewayError('object_not_found', { key });
      return Readable.from([Buffer.from(object.body)].filter((chunk) => chunk.byteLength > 0));
    },
    listObjects: (prefix) => list(memory, prefix),
    async createMultipartUpload(input) {
      const uploadId = randomUUID();
      memory.uploads.set(uploadId, { ...input, key: checkKey(input.key), parts: new Map() });
      return uploadId;
    },
    uploadPart: async (input) => storePart(memory, input),
    completeMultipartUpload: async (input) => complete(memory, input),
    async abortMultipartUpload({ uploadId }) {
      memory.uploads.delete(uploadId);
    },
    async listUploads(prefix) {
      const uploads = Array.from(memory.uploads, ([uploadId, { key }]) => ({ key, uploadId }));
      return uploads.filter(({ key }) => key.startsWith(prefix));
    },
    mayHaveStrays: () => false,
    async deleteObject(key) {
      memory.objects.delete(checkKey(key));
    },
    putObject: async (input) => put(memory, input),
  };
}

async function* list(memory: Memory, prefix: string): AsyncGenerator<ListedObject> {
  const keys = [...memory.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of keys) {
    const object = memory.objects.get(key);
    if (object) yield { key, bytes: object.body.byteLength, etag: object.etag };
  }
}

function storePart(memory: Memory, input: UploadPart): UploadedPart {
  input.signal?.throwIfAborted();
  const upload = memory.uploads.get(input.uploadId);
  if (upload?.key !== input.key) throw new CausewayError('upload_not_found', { key: input.key });
  const body = Buffer.from(input.body);
  const crc32 = crc32Base64(body);
  if (input.crc32 !== undefined && input.crc32 !== crc32) {
    throw mismatch(input.key, input.crc32, crc32);
  }
  upload.parts.set(input.partNumber, body);
  return { partNumber: input.partNumber, etag: singleEtag(body), bytes: body.byteLength, crc32 };
}

function complete(memory: Memory, input: CompleteUpload): WrittenObject {
  const { key, token } = input;
  const upload = memory.uploads.get(input.uploadId);
  const parts = input.parts.toSorted((a, b) => a.partNumber - b.partNumber);
  const etag = multipartEtag(parts);
  const standing = memory.objects.get(key);
  if (standing) return readBack(standing, key, token, etag);
  if (upload?.key !== key) throw new CausewayError('upload_not_found', { key });
  const bodies = parts.map((part, index) => {
    const body = upload.parts.get(part.partNumber);
    const found = body ? singleEtag(body) : 'no such part';
    if (!body || found !== part.etag) throw mismatch(key, part.etag, found);
    if (body.byteLength < smallestPartSizeBytes && index < parts.length - 1) {
      throw mismatch(key, `parts of ${smallestPartSizeBytes} bytes`, `${body.byteLength} bytes`);
    }
    return body;
  });
  memory.uploads.delete(input.uploadId);
  memory.objects.set(key, { body: Buffer.concat(bodies), etag, token: upload.token });
  return { etag, proof: 'answered' };
}

function put(memory: Memory, input: PutObject): WrittenObject {
  const key = checkKey(input.key);
  const body = Buffer.from(input.body);
  const etag = singleEtag(body);
  const standing = memory.objects.get(key);
  if (standing) return readBack(standing, key, input.token, etag);
  memory.objects.set(key, { body, etag, token: input.token });
  return { etag, proof: 'answered' };
}

function readBack(standing: StoredObject, key: string, token: string, etag: string): WrittenObject {
  if (standing.token !== token && standing.etag !== etag) {
    throw new CausewayError('object_exists', { key });
  }
  return { etag: standing.etag, proof: 'read_back' };
}

function mismatch(key: string, expected: string, found: string): CausewayError {
  return new CausewayError('integrity_violated', {
    what: `the upload of "${key}"`,
    expected,
    found,
  });
}
