import type { Readable } from 'node:stream';
import type { Column } from '@causeway/contract';
import { writeRowFiles } from './encode/row-files.ts';
import { type TextFilesOptions, type WrittenFile, writeTextFiles } from './encode/text-files.ts';
import { textForm } from './encode/text-form.ts';
import type { OutputPipe } from './output-pipe.ts';
import type { FileForm, UnloadScanJob } from './protocol.ts';

/** One output of a scan, from the FIFO that DuckDB writes to those who read its files. */
export interface ScanOutput {
  /** Begins to hand on what arrives. Called once, when the query is about to begin. */
  start(columns: readonly Column[]): void;
  /** After the query has ended: resolves when all that it wrote has been taken. */
  drain(): Promise<void>;
  /** Ends the streams, and resolves when all their readers have settled. */
  end(): Promise<readonly ArrivedFile[]>;
  fail(error: Error): void;
  /** Resolves when no reader is at work any more, however that came. Never rejects. */
  settled(): Promise<void>;
}

/** What was handed on of one file. Its rows are counted here for text alone. */
export interface ArrivedFile {
  readonly rows: number | null;
  readonly bytes: number;
}

/** Never rejects: what a reader meets is its own business, and must not hold up the others. */
export type FeedReader = (fileIndex: number, stream: Readable, rowName?: string) => Promise<void>;

/** Bytes that DuckDB has encoded to the last: one file. */
export function wholeOutput(pipe: OutputPipe, feed: FeedReader): ScanOutput {
  let reading: Promise<void> = Promise.resolve();
  return {
    start: () => {
      reading = feed(0, pipe.stream);
    },
    drain: pipe.drain,
    end: async () => {
      pipe.end();
      await reading;
      return pipe.bytes() === 0 ? [] : [{ rows: null, bytes: pipe.bytes() }];
    },
    fail: pipe.fail,
    settled: () => reading,
  };
}

export interface TextOutputOptions extends Omit<TextFilesOptions, 'form' | 'consume'> {
  readonly scan: FileForm & Pick<UnloadScanJob, 'rowName'>;
}

/** Rows of text, made into files here. */
export function textOutput(
  pipe: OutputPipe,
  feed: FeedReader,
  { scan, ...options }: TextOutputOptions,
): ScanOutput {
  let writing: Promise<readonly WrittenFile[]> = Promise.resolve([]);
  return {
    start: (columns) => {
      const form = textForm(scan, columns);
      writing =
        scan.rowName === null
          ? writeTextFiles(pipe.stream, { ...options, form, consume: feed })
          : writeRowFiles(pipe.stream, { ...options, consume: feed });
      writing.catch((error: Error) => pipe.fail(error));
    },
    drain: pipe.drain,
    end: () => {
      pipe.end();
      return writing;
    },
    fail: pipe.fail,
    settled: async () => void (await writing.catch(() => [])),
  };
}

/** How the FIFOs of a rotated output come to be. */
export interface PipeSeries {
  /** Opens FIFO number `index`, which exists; `onFirstBytes` is called once. */
  open(index: number, onFirstBytes: () => void): OutputPipe;
  /** Resolves when FIFOs exist to `index` and beyond. */
  prepare(index: number): Promise<void>;
}

/**
 * One output as several files that DuckDB makes in turn, each in a FIFO of its own.
 *
 * DuckDB goes on to the next file only when the last is larger than any FIFO holds, so
 * it never comes to a name that is not yet there: file `i` is read when FIFO `i + 1`
 * exists.
 */
export function rotatedOutput(series: PipeSeries, feed: FeedReader): ScanOutput {
  const pipes: OutputPipe[] = [];
  const readers: Promise<void>[] = [];
  let opening: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    for (const pipe of pipes) pipe.fail(failure);
  };
  const openNext = async () => {
    const index = pipes.length;
    await series.prepare(index + 1);
    const pipe = series.open(index, () => {
      opening = openNext();
      opening.catch(fail);
    });
    pipes.push(pipe);
    if (failure) return pipe.fail(failure);
    readers.push(feed(index, pipe.stream));
    // DuckDB is done with it: its reader need not wait for the others.
    pipe.drained.then(pipe.end, () => {});
  };
  return {
    start: () => {
      opening = openNext();
      opening.catch(fail);
    },
    drain: async () => {
      // In turn: the query may end before a file's first bytes are read here, and they open
      // one FIFO more. The last was opened for a file that never came.
      for (let index = 0; ; index += 1) {
        await opening;
        const pipe = pipes[index];
        if (!pipe) return;
        await pipe.drain();
      }
    },
    end: async () => {
      await Promise.all(readers);
      return pipes
        .filter((pipe) => pipe.bytes() > 0)
        .map((pipe) => ({ rows: null, bytes: pipe.bytes() }));
    },
    fail,
    settled: async () => {
      await opening.catch(() => {});
      await Promise.all(readers);
    },
  };
}
