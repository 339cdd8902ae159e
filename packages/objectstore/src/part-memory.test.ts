import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { createMemoryStore } from './create-memory-store.ts';
import { inlineDigester } from './digester.ts';
import type { UploadPart } from './object-store.ts';
import { partBuffers } from './part-buffers.ts';
import { createPartMemory, type PartMemory } from './part-memory.ts';
import { createThreadedDigester } from './threaded-digester.ts';
import { type UploadTarget, uploadStream } from './upload-stream.ts';

const mebibyte = 1024 ** 2;
const partSizeBytes = 5 * mebibyte;
const spillDir = mkdtempSync(join(tmpdir(), 'causeway-spill-'));
const digester = createThreadedDigester();
after(async () => {
  await digester.close();
  await rm(spillDir, { recursive: true });
});

function upload(store: UploadTarget, key: string, bytes: Buffer, memory: PartMemory) {
  const chunks = function* () {
    for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  return uploadStream(store, {
    key,
    stream: Readable.from(chunks()),
    contentType: 'application/octet-stream',
    token: 'token',
    partSizeBytes,
    memory,
    digester,
    onOpen: async () => undefined,
    onPart: async () => undefined,
  });
}

describe('createPartMemory()', () => {
  it('keeps many uploads within its limit, and loses no byte over the disk', async () => {
    const limitBytes = 12 * mebibyte;
    const memory = createPartMemory({ limitBytes, spillDir });
    const store = createMemoryStore();
    let most = 0;
    const watched: UploadTarget = {
      ...store,
      async uploadPart(part: UploadPart) {
        most = Math.max(most, memory.usedBytes());
        await new Promise(setImmediate);
        return store.uploadPart(part);
      },
    };
    const bodies = Array.from({ length: 12 }, (_, i) =>
      randomBytes(i % 3 === 0 ? 1000 * (i + 1) : 2 * partSizeBytes + 100_000 * i),
    );

    const uploads = await Promise.all(
      bodies.map((bytes, i) => upload(watched, `file-${i}`, bytes, memory)),
    );

    assert.ok(most <= limitBytes + bodies.length * 64 * 1024, `${most} bytes were taken`);
    assert.equal(memory.usedBytes(), 0);
    assert.deepEqual(await readdir(spillDir), []);
    for (const [i, bytes] of bodies.entries()) {
      const pending = uploads[i];
      assert.ok(pending);
      assert.equal(pending.sha256, createHash('sha256').update(bytes).digest('hex'));
      for (const part of pending.parts.slice(0, -1)) assert.equal(part.bytes, partSizeBytes);
      const key = `file-${i}`;
      await store.completeMultipartUpload({ key, token: 'token', ...pending });
      assert.ok(bytes.equals(await buffer(await store.getObject(key))));
    }
  });

  it('lets others go on while a bucket takes no part', async () => {
    const memory = createPartMemory({ limitBytes: 12 * mebibyte, spillDir });
    const store = createMemoryStore();
    const stuck = Promise.withResolvers<void>();
    const slow: UploadTarget = {
      ...store,
      async uploadPart(part: UploadPart) {
        await stuck.promise;
        return store.uploadPart(part);
      },
    };
    const body = randomBytes(3 * partSizeBytes);

    const held = upload(slow, 'slow', body, memory);
    const others = Array.from({ length: 5 }, (_, i) => upload(store, `quick-${i}`, body, memory));
    const quick = await Promise.all(others);
    stuck.resolve();

    for (const other of quick) assert.equal(other?.bytes, body.byteLength);
    assert.equal((await held)?.sha256, quick[0]?.sha256);
    assert.equal(memory.usedBytes(), 0);
  });

  it('gives back what an upload that is called off had taken', async () => {
    const memory = createPartMemory({ limitBytes: 8 * mebibyte, spillDir });
    const store = createMemoryStore();
    const refusing: UploadTarget = {
      ...store,
      uploadPart: () => Promise.reject(new Error('the part is refused')),
    };
    const bodies = Array.from({ length: 8 }, () => randomBytes(2 * partSizeBytes));

    const ended = await Promise.allSettled(
      bodies.map((body, i) => upload(refusing, `file-${i}`, body, memory)),
    );

    for (const upload of ended) assert.equal(upload.status, 'rejected');
    assert.equal(memory.usedBytes(), 0);
    assert.deepEqual(await readdir(spillDir), []);
  });

  it('says that the disk is full, and gives back what the upload had taken', async (context) => {
    const disk = await mkdtemp(join(tmpdir(), 'causeway-small-disk-'));
    const mount = ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk];
    if (spawnSync('mount', mount).status !== 0) {
      await rmdir(disk);
      return context.skip('a disk of its own needs root');
    }
    const memory = createPartMemory({ limitBytes: mebibyte, spillDir: join(disk, 'parts') });
    const store = createMemoryStore();
    try {
      await assert.rejects(upload(store, 'large', randomBytes(2 * partSizeBytes), memory), {
        code: 'disk_full',
        message: 'Cannot set aside parts of files that wait until they are sent: the disk is full',
      });
      assert.equal(memory.usedBytes(), 0);
      const small = await upload(store, 'small', randomBytes(3 * mebibyte), memory);
      assert.equal(small?.bytes, 3 * mebibyte);
    } finally {
      spawnSync('umount', [disk]);
      await rmdir(disk);
    }
  });

  it('closes the file of a part that is called off while it goes to disk', async () => {
    const share = createPartMemory({ limitBytes: mebibyte, spillDir }).join();
    const asked = Promise.withResolvers<void>();
    const allowed = Promise.withResolvers<void>();
    let open = 0;
    const spill: typeof share.spill = async () => {
      asked.resolve();
      await allowed.promise;
      const file = await share.spill();
      open += 1;
      const close = async () => {
        open -= 1;
        await file.close();
      };
      return { ...file, close };
    };
    const digest = inlineDigester.start();
    const buffers = partBuffers({ share: { ...share, spill }, shared: false, digest });
    const part = buffers.take(partSizeBytes);
    part.fill(randomBytes(1000));

    const spilled = part.spill();
    await asked.promise;
    const closed = buffers.close();
    allowed.resolve();
    await Promise.all([spilled, closed]);

    assert.equal(open, 0);
    await assert.rejects(part.spill(), /its upload is over/);
  });
});
