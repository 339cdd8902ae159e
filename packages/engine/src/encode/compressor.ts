import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TextCodec } from './codecs.ts';
import type { CompressAnswer, CompressRequest } from './compress-thread.ts';

/** Threads that compress blocks, for all jobs of an engine. */
export interface Compressor {
  /** How many blocks are compressed at once. */
  readonly threads: number;
  /** Compresses `plain` into `target`; both in shared memory, and not to be touched meanwhile. */
  compress(codec: TextCodec, plain: Uint8Array, target: Uint8Array): Promise<CompressedBlock>;
  /** Ends the threads. Blocks under way fail. */
  close(): Promise<void>;
}

export interface CompressedBlock {
  readonly bytes: number;
  readonly crc32: number;
}

interface Lane {
  readonly thread: Worker;
  readonly waiting: Map<number, { resolve(answer: CompressAnswer): void; reject(e: Error): void }>;
}

/** Threads start with the first blocks, take some 10 MB each, and keep no process alive. */
export function createCompressor(threads: number): Compressor {
  const lanes: Lane[] = [];
  let lastRequest = 0;
  let closed = false;
  const leastBusy = (): Lane => {
    const idle = lanes.find((lane) => lane.waiting.size === 0);
    if (idle) return idle;
    if (lanes.length < threads) {
      const lane = startLane(() => void lanes.splice(lanes.indexOf(lane), 1));
      lanes.push(lane);
      return lane;
    }
    return lanes.reduce((least, lane) => (lane.waiting.size < least.waiting.size ? lane : least));
  };
  return {
    threads,
    compress(codec, plain, target) {
      if (closed) return Promise.reject(new Error('Cannot compress: the engine was closed'));
      const { thread, waiting } = leastBusy();
      const request = ++lastRequest;
      thread.ref();
      thread.postMessage({ request, codec, plain, target } satisfies CompressRequest);
      return new Promise((resolve, reject) => waiting.set(request, { resolve, reject }));
    },
    close: async () => {
      closed = true;
      await Promise.all(lanes.map(({ thread }) => thread.terminate()));
    },
  };
}

function startLane(ended: () => void): Lane {
  const file = `./compress-thread${extname(import.meta.url)}`;
  const thread = new Worker(new URL(file, import.meta.url));
  const waiting: Lane['waiting'] = new Map();
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  thread.on('message', (answer: CompressAnswer) => {
    waiting.get(answer.request)?.resolve(answer);
    waiting.delete(answer.request);
    if (waiting.size === 0) thread.unref();
  });
  thread.on('error', (cause) => fail(new Error('Cannot compress: the thread failed', { cause })));
  thread.on('exit', () => {
    ended();
    fail(new Error('Cannot compress: the thread has ended'));
  });
  thread.unref();
  return { thread, waiting };
}
