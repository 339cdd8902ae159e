import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { createS3Store } from './create-s3-store.ts';
import type { S3StoreOptions } from './s3-store-options.ts';
import { headOf, withScriptedStore } from './testing/scripted-store.ts';

const part = { key: 'data/file.parquet', uploadId: 'upload-1', partNumber: 1 };
const token = 'a-token';
/** Silence is noticed after a second: what moves is not silent, on a slow machine either. */
const impatient = {
  idleTimeoutMs: 1000,
  retryBudgetMs: 100,
  requestTime: { timeoutMs: 1900, slowestBytesPerSecond: 64 * 1024 ** 2 },
} satisfies Partial<S3StoreOptions>;

describe('a request that goes on and on', { concurrency: true }, () => {
  it('is given up though its answer moves', () =>
    withScriptedStore(
      ({ operation }) => (operation === 'UploadPart' ? 'drip' : undefined),
      async ({ store, server }) => {
        await assert.rejects(
          store.uploadPart({ ...part, body: Buffer.from('a part') }),
          (error) => {
            assert.ok(CausewayError.is(error, 'store_unavailable'));
            assert.match(
              error.message,
              /UploadPart: TimeoutError: it was not done within 2 seconds/,
            );
            return true;
          },
        );
        assert.equal(server.requests.length, 1);
      },
      impatient,
    ));

  it('is settled by reading back when it may have taken effect', () =>
    withScriptedStore(
      ({ operation }) => {
        if (operation === 'PutObject') return 'drip';
        return operation === 'HeadObject' ? headOf(token) : undefined;
      },
      async ({ store }) => {
        const body = Buffer.from('data');
        const put = { key: 'manifest.json', body, contentType: 'application/json', token };

        assert.equal((await store.putObject(put)).proof, 'read_back');
      },
      impatient,
    ));

  it('is given up though its body moves, and has the longer the more there is of it', async () => {
    const server = await trickleServer();
    const open = (slowestBytesPerSecond: number) =>
      createS3Store({
        bucket: 'acme-data',
        region: 'eu-west-1',
        endpoint: server.url,
        expectedBucketOwner: '222222222222',
        credentials: { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'not-a-secret' },
        retryBudgetMs: 100,
        requestTime: { timeoutMs: 300, slowestBytesPerSecond },
      });
    const body = Buffer.alloc(16 * 1024 ** 2);
    try {
      for (const [slowest, seconds] of [
        [1024 ** 3, 1],
        [16 * 1024 ** 2, 2],
      ] as const) {
        const store = open(slowest);
        const began = performance.now();
        await assert.rejects(
          store.uploadPart({ ...part, body }),
          new RegExp(`it was not done within ${seconds} seconds`),
        );
        if (seconds === 2) assert.ok(performance.now() - began >= 1200);
        store.close();
      }
    } finally {
      await server.close();
    }
  });
});

/** Reads what it is sent, 16 KiB every 20 ms, and never answers. */
async function trickleServer() {
  const server = createServer({ highWaterMark: 16 * 1024 }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
