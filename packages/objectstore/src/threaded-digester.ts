import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DigestAnswer, DigestRequest } from './digest-thread.ts';
import type { Digester, RunningDigest } from './digester.ts';

export interface ThreadedDigester extends Digester {
  /** Ends the thread. Digests under way fail. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: DigestAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Computes in one thread for all streams of this process, so that hashing a large
 * stream and sending it run side by side. Costs some 10 MB; the thread does not
 * keep the process alive.
 */
export function createThreadedDigester(): ThreadedDigester {
  const file = `./digest-thread${extname(import.meta.url)}`;
  const thread = new Worker(new URL(file, import.meta.url));
  const waiting = new Map<number, Waiting>();
  let lastRequest = 0;
  let lastDigest = 0;
  let ended: Error | undefined;
  const end = (reason: Error) => {
    ended ??= reason;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  thread.on('message', (answer: DigestAnswer) => {
    waiting.get(answer.request)?.resolve(answer);
    waiting.delete(answer.request);
    if (waiting.size === 0) thread.unref();
  });
  thread.on('error', (cause) => end(new Error('Cannot hash: the thread failed', { cause })));
  thread.on('exit', () => end(new Error('Cannot hash: the thread has ended')));
  thread.unref();

  const ask = (question: Omit<DigestRequest, 'request'>): Promise<DigestAnswer> => {
    if (ended) return Promise.reject(ended);
    const request = ++lastRequest;
    thread.ref();
    thread.postMessage({ ...question, request } satisfies DigestRequest);
    return new Promise((resolve, reject) => waiting.set(request, { resolve, reject }));
  };
  return {
    sharesMemory: true,
    start(): RunningDigest {
      const digest = ++lastDigest;
      return {
        update: async (bytes) => void (await ask({ digest, type: 'update', bytes })),
        finish: async () => (await ask({ digest, type: 'finish' })).sha256 ?? '',
        discard: () => void ask({ digest, type: 'discard' }).catch(() => undefined),
      };
    },
    close: async () => void (await thread.terminate()),
  };
}
