import { createHash } from 'node:crypto';

/** Where the SHA-256 of a stream is computed. */
export interface Digester {
  /** Whether bytes are read from another thread, and must lie in shared memory. */
  readonly sharesMemory: boolean;
  start(): RunningDigest;
}

export interface RunningDigest {
  /** Adds bytes, in the order of the calls. Resolves when they may be overwritten. */
  update(bytes: Uint8Array): Promise<void>;
  /** SHA-256 of all that was added, in hexadecimal. */
  finish(): Promise<string>;
  /** Gives up. Harmless after {@link finish}. */
  discard(): void;
}

/** Computes in the calling thread: about a second for each GiB, in steps of one part. */
export const inlineDigester: Digester = {
  sharesMemory: false,
  start() {
    const hash = createHash('sha256');
    return {
      update: async (bytes) => void hash.update(bytes),
      finish: async () => hash.digest('hex'),
      discard: () => undefined,
    };
  },
};
