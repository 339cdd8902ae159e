import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMemoryStore } from './create-memory-store.ts';
import { createThreadedDigester } from './threaded-digester.ts';
import { type UploadStreamInput, type UploadTarget, uploadStream } from './upload-stream.ts';

const partSizeBytes = 5 * 1024 ** 2;

function inputFor(stream: Readable, more: Partial<UploadStreamInput> = {}): UploadStreamInput {
  return {
    key: 'data/file',
    stream,
    contentType: 'application/octet-stream',
    token: 'token',
    partSizeBytes,
    onOpen: async () => undefined,
    onPart: async () => undefined,
    ...more,
  };
}

/** Bytes in chunks that fit no boundary of a part. */
function chunked(bytes: Buffer, chunkBytes = 77_777): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  return Readable.from(chunks);
}

/** A store that records what is open, and does to parts what a test wants. */
function watched(uploadPart?: UploadTarget['uploadPart']) {
  const memory = createMemoryStore();
  const open = new Set<string>();
  let underWay = 0;
  const seen = { mostUnderWay: 0, opened: 0 };
  const store: UploadTarget = {
    async createMultipartUpload(input) {
      const uploadId = await memory.createMultipartUpload(input);
      seen.opened++;
      open.add(uploadId);
      return uploadId;
    },
    async uploadPart(input) {
      seen.mostUnderWay = Math.max(seen.mostUnderWay, ++underWay);
      try {
        await sleep(5);
        return await (uploadPart ?? memory.uploadPart)(input);
      } finally {
        underWay--;
      }
    },
    async abortMultipartUpload(input) {
      assert.equal(underWay, 0, 'no part may arrive after the abort');
      open.delete(input.uploadId);
      await memory.abortMultipartUpload(input);
    },
  };
  return { memory, store, open, seen };
}

describe('uploadStream()', () => {
  it('sends all bytes in parts and leaves the completion to the caller', async () => {
    const { memory, store } = watched();
    const bytes = randomBytes(3 * partSizeBytes + 12_345);
    const opened: string[] = [];
    const journaled: number[] = [];
    let progress = 0;

    const upload = await uploadStream(
      store,
      inputFor(chunked(bytes), {
        onOpen: async (uploadId) => void opened.push(uploadId),
        onPart: async (_uploadId, part) => void journaled.push(part.partNumber),
        onProgress: (more) => {
          progress += more;
        },
      }),
    );

    assert.ok(upload);
    assert.deepEqual(opened, [upload.uploadId]);
    assert.deepEqual(journaled.toSorted(), [1, 2, 3, 4]);
    assert.deepEqual(
      upload.parts.map((part) => part.bytes),
      [partSizeBytes, partSizeBytes, partSizeBytes, 12_345],
    );
    assert.equal(upload.bytes, bytes.byteLength);
    assert.equal(progress, bytes.byteLength);
    assert.equal(upload.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(await memory.headObject('data/file'), null);
    await memory.completeMultipartUpload({ key: 'data/file', token: 'token', ...upload });
    assert.deepEqual(await buffer(await memory.getObject('data/file')), bytes);
  });

  it('gives the same from a thread of its own, for several streams at a time', async () => {
    const digester = createThreadedDigester();
    const bodies = [2 * partSizeBytes + 1, 100, partSizeBytes].map((size) => randomBytes(size));

    const results = await Promise.all(
      bodies.map((bytes) =>
        uploadStream(createMemoryStore(), inputFor(chunked(bytes), { digester })),
      ),
    );
    await digester.close();

    for (const [i, bytes] of bodies.entries()) {
      assert.equal(results[i]?.sha256, createHash('sha256').update(bytes).digest('hex'));
    }
  });

  it('opens nothing for a stream without a byte', async () => {
    const { store, seen } = watched();

    assert.equal(await uploadStream(store, inputFor(Readable.from([]))), null);
    assert.equal(await uploadStream(store, inputFor(Readable.from([Buffer.alloc(0)]))), null);
    assert.equal(seen.opened, 0);
  });

  it('gives a small stream to who keeps it, and then asks nothing of the store', async () => {
    const { store, seen } = watched();
    const kept: Buffer[] = [];
    const small = { upToBytes: 1000, keep: (body: Buffer) => kept.push(body) === 1 };
    const sent = (bytes: number) =>
      uploadStream(store, inputFor(chunked(Buffer.alloc(bytes, 7), 300), { small }));

    assert.equal(await sent(1000), null);
    assert.deepEqual([kept, seen.opened], [[Buffer.alloc(1000, 7)], 0]);
    // What is not kept, and what is longer, is sent as ever.
    assert.equal((await sent(1000))?.bytes, 1000);
    assert.equal((await sent(1001))?.bytes, 1001);
    assert.deepEqual([kept.length, seen.opened], [2, 2]);
  });

  it('sends no part before the opening is written down', async () => {
    const events: string[] = [];
    const { store } = watched(async (part) => {
      events.push('part');
      return { partNumber: part.partNumber, etag: '', bytes: part.body.byteLength, crc32: '' };
    });

    await uploadStream(
      store,
      inputFor(Readable.from([Buffer.from('x')]), {
        onOpen: async () => {
          await sleep(30);
          events.push('written down');
        },
      }),
    );

    assert.deepEqual(events, ['written down', 'part']);
  });

  it('keeps no more parts under way than it is told, and reads no further meanwhile', async () => {
    const { store, seen } = watched();
    let produced = 0;
    let confirmed = 0;
    let mostHeld = 0;
    const chunk = Buffer.alloc(partSizeBytes / 5);
    const stream = Readable.from(
      (function* () {
        for (let i = 0; i < 60; i++) {
          produced += chunk.byteLength;
          mostHeld = Math.max(mostHeld, produced - confirmed);
          yield chunk;
        }
      })(),
      { highWaterMark: 1 },
    );

    await uploadStream(
      store,
      inputFor(stream, {
        concurrency: 2,
        onProgress: (bytes) => {
          confirmed += bytes;
        },
      }),
    );

    assert.equal(seen.mostUnderWay, 2);
    assert.ok(mostHeld <= 4 * partSizeBytes, `${mostHeld} bytes were held`);
  });

  it('is done with a chunk before it asks for the next but one, however small they are', async () => {
    const { store } = watched();
    const chunkBytes = 1000;
    const chunks = 6000;
    // One is being read, one waits, one is filled: their memory is used again for those that follow.
    const lent = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
    const expected = createHash('sha256');
    let made = 0;
    const stream = new Readable({
      objectMode: true,
      highWaterMark: 1,
      read() {
        if (made === chunks) return void this.push(null);
        const chunk = lent[made % lent.length]?.fill(made++ % 251) ?? null;
        if (chunk) expected.update(chunk);
        this.push(chunk);
      },
    });

    const upload = await uploadStream(store, inputFor(stream, { concurrency: 1 }));

    assert.equal(upload?.bytes, chunks * chunkBytes);
    assert.equal(upload?.sha256, expected.digest('hex'));
  });

  it('aborts its upload and throws the cause when a part fails', async () => {
    const cause = new Error('the part is refused');
    const { store, open } = watched(async (part) => {
      if (part.partNumber === 2) throw cause;
      part.signal?.throwIfAborted();
      await new Promise((_resolve, reject) =>
        part.signal?.addEventListener('abort', () => reject(part.signal?.reason)),
      );
      throw new Error('unreachable');
    });
    const stream = chunked(randomBytes(4 * partSizeBytes));

    await assert.rejects(uploadStream(store, inputFor(stream)), cause);
    assert.equal(open.size, 0);
    assert.ok(stream.destroyed);
  });

  it('ends a stream that is silent when a part fails', async () => {
    const { store } = watched(async () => {
      throw new Error('the part is refused');
    });
    const stream = new Readable({ read: () => undefined });
    stream.push(Buffer.alloc(partSizeBytes));

    await assert.rejects(uploadStream(store, inputFor(stream)), /the part is refused/);
    assert.ok(stream.destroyed);
  });

  it('aborts its upload when the stream breaks', async () => {
    const { store, open, seen } = watched();
    const stream = Readable.from(
      (async function* () {
        yield Buffer.alloc(partSizeBytes + 1);
        await sleep(20);
        throw new Error('the query failed');
      })(),
    );

    await assert.rejects(uploadStream(store, inputFor(stream)), /the query failed/);
    assert.equal(seen.opened, 1);
    assert.equal(open.size, 0);
  });

  it('aborts its upload when it is called off, also before it began', async () => {
    const { store, open } = watched();
    const controller = new AbortController();
    const { signal } = controller;
    const stream = new Readable({ read: () => undefined });
    stream.push(Buffer.alloc(partSizeBytes));
    const uploading = uploadStream(store, inputFor(stream, { signal }));
    setTimeout(() => controller.abort(new Error('called off')), 30);

    await assert.rejects(uploading, /called off/);
    await assert.rejects(
      uploadStream(store, inputFor(Readable.from(['x']), { signal })),
      /called off/,
    );
    assert.equal(open.size, 0);
  });

  it('aborts its upload when the opening cannot be written down', async () => {
    const { store, open } = watched();
    const onOpen = async () => {
      throw new Error('the journal is away');
    };

    await assert.rejects(
      uploadStream(store, inputFor(chunked(randomBytes(100)), { onOpen })),
      /the journal is away/,
    );
    assert.equal(open.size, 0);
  });

  it('throws the first cause also when the abort fails', async () => {
    const { store } = watched(async () => {
      throw new Error('the part is refused');
    });
    store.abortMultipartUpload = async () => {
      throw new Error('the abort is refused');
    };

    await assert.rejects(
      uploadStream(store, inputFor(Readable.from([Buffer.from('x')]))),
      /the part is refused/,
    );
  });
});
