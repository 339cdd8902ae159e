import { Readable } from 'node:stream';

/** One file's bytes, on their way to whoever reads them. */
export interface FileChannel {
  readonly stream: Readable;
  /**
   * Hands a chunk on, and resolves when the reader has taken it: it may still be at
   * work on this one chunk, and no other. Once the reader is gone, chunks go nowhere.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when the reader is done with the last chunk too, or is gone: its memory may serve the next file. */
  end(): Promise<void>;
  fail(error: Error): void;
}

export function openFileChannel(): FileChannel {
  let taken: (() => void) | undefined;
  const release = () => {
    taken?.();
    taken = undefined;
  };
  const stream = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: release,
    destroy: (error, done) => {
      release();
      done(error);
    },
  });
  // A reader that is gone must not bring the process down when the query fails after it.
  stream.on('error', () => {});
  return {
    stream,
    write: (chunk) => {
      if (stream.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        taken = resolve;
        stream.push(chunk);
      });
    },
    end: () => {
      if (stream.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        stream.once('close', resolve).push(null);
      });
    },
    fail: (error) => void stream.destroy(error),
  };
}
