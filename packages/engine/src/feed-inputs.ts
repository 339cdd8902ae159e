import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { checkWhole } from './check-whole.ts';
import type { OpenedSource, OpenedStream } from './source-inputs.ts';
import type { Workplace } from './workplace.ts';

/**
 * Runs a query, and meanwhile writes the inputs that are streams into their FIFOs and
 * looks whether those that are compressed are whole.
 *
 * A stream that fails, or a file that is cut off, looks to the query like one that ends:
 * that failure is what this rejects with, and ends the query, by the signal that `query`
 * is given.
 */
export async function feedInputs<T>(
  workplace: Workplace,
  { streams, watched }: Pick<OpenedSource, 'streams' | 'watched'>,
  query: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await workplace.folder.makeFifos(streams.map(({ name }) => name));
  const failed = new AbortController();
  const answered = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([workplace.signal, ended.signal]);
  const work = [
    ...streams.map((each) => feed(each, workplace.pathOf(each.name), answered.signal, signal)),
    ...watched.map((file) => checkWhole(file, signal)),
  ];
  const watchedWork = work.map((each) =>
    each.catch((error: unknown) => {
      if (!ended.signal.aborted && !isBrokenPipe(error)) failed.abort(error);
      throw error;
    }),
  );
  const fed = Promise.allSettled(watchedWork);
  try {
    const result = await query(failed.signal);
    answered.abort();
    const unread = (await fed).find((outcome) => outcome.status === 'rejected');
    if (unread) throw unread.reason;
    return result;
  } finally {
    ended.abort();
    await fed;
  }
}

/**
 * Does nothing when the query has `answered` without ever reading, as one does whose rows
 * nobody wants.
 *
 * @throws what the stream failed with; EPIPE when the reader went before its end.
 */
async function feed(
  { input }: OpenedStream,
  path: string,
  answered: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const fd = await openForWriting(path, answered, signal);
  if (fd === null) return;
  const pipe = new Socket({ fd, readable: false, writable: true });
  try {
    await pipeline(await input.open(signal), pipe, { signal });
  } finally {
    pipe.destroy();
  }
}

/**
 * Waits for the reader without blocking: an `open` that waits would hold one of the few
 * threads that this whole process has for files and names.
 */
async function openForWriting(
  path: string,
  answered: AbortSignal,
  signal: AbortSignal,
): Promise<number | null> {
  while (!answered.aborted) {
    signal.throwIfAborted();
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await delay(5, undefined, { signal });
  }
  return null;
}

/** The query stopped reading: it says itself why. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
