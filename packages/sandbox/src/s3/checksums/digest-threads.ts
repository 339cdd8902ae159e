import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DigestName } from './checksum.ts';
import type { DigestAnswer, DigestRequest } from './digest-thread.ts';

/** More threads than this would only wait for the network. */
const maxThreads = 4;

/** The digests of one body, computed in another thread. */
export interface ThreadedDigests {
  /** @param bytes in shared memory, not to be changed before this returns. */
  readonly update: (bytes: Uint8Array) => Promise<void>;
  /** The digests in the order of their names. */
  readonly finish: () => Promise<readonly Uint8Array[]>;
  readonly discard: () => void;
}

/**
 * Threads that compute digests of large bodies, so that receiving, hashing and
 * writing run side by side. Each starts when it is first needed, and none keeps
 * the process alive.
 */
export class DigestThreads {
  readonly #threads: Thread[] = [];
  #bodies = 0;

  start(names: readonly DigestName[]): ThreadedDigests {
    const body = ++this.#bodies;
    const thread = this.#thread(body % Math.min(availableParallelism(), maxThreads));
    // A thread that failed says so in answer to the next question.
    thread.ask({ body, type: 'start', names }).catch(() => undefined);
    return {
      update: async (bytes) => void (await thread.ask({ body, type: 'update', bytes })),
      finish: async () => (await thread.ask({ body, type: 'finish' })).digests ?? [],
      discard: () => void thread.ask({ body, type: 'discard' }).catch(() => undefined),
    };
  }

  /** Ends the threads. Digests under way fail. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #thread(index: number): Thread {
    const thread = this.#threads[index] ?? new Thread();
    this.#threads[index] = thread;
    return thread;
  }
}

interface Waiting {
  readonly resolve: (answer: DigestAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #ended: Error | null = null;

  constructor() {
    const file = `./digest-thread${extname(import.meta.url)}`;
    this.#worker = new Worker(new URL(file, import.meta.url));
    this.#worker.on('message', (answer: DigestAnswer) => {
      this.#waiting.get(answer.request)?.resolve(answer);
      this.#waiting.delete(answer.request);
    });
    this.#worker.on('error', (cause) => this.#end('the thread failed', cause));
    this.#worker.on('exit', () => this.#end('the thread has ended'));
    this.#worker.unref();
  }

  ask(question: Omit<DigestRequest, 'request'>): Promise<DigestAnswer> {
    if (this.#ended) return Promise.reject(this.#ended);
    const request = ++this.#requests;
    this.#worker.postMessage({ ...question, request } satisfies DigestRequest);
    return new Promise((resolve, reject) => this.#waiting.set(request, { resolve, reject }));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: string, cause?: unknown): void {
    this.#ended ??= new Error(`Cannot compute digests: ${reason}`, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
