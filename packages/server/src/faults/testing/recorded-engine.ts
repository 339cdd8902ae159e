import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type {
  DuckDbEngine,
  KnownRows,
  OutputFile,
  UnloadJob,
  UnloadResult,
} from '@causeway/engine';

interface Recording {
  readonly result: UnloadResult;
  readonly files: readonly {
    readonly index: number;
    readonly file: OutputFile;
    readonly bytes: Buffer;
  }[];
}

/**
 * An engine that asks DuckDB each question once and gives the same bytes whenever it is
 * asked again: for tests whose sources do not change, and whose faults are not the query's.
 * What it reads from a stream is the worker's own, who may meet its fate in it: that is not kept.
 */
export function recordedEngine(engine: DuckDbEngine): DuckDbEngine {
  const recordings = new Map<string, Promise<Recording>>();
  return {
    ...engine,
    async unload(job, consume, signal) {
      if (job.source.inputs.some(({ data }) => data.type === 'stream')) {
        return engine.unload(job, consume, signal);
      }
      // What is known a worker reads itself, who may meet its fate in that, too.
      const known = job.known ? await readAll(job.known) : null;
      const key = JSON.stringify([job, known?.chunks]);
      const recording = recordings.get(key) ?? record(engine, { ...job, known });
      recordings.set(key, recording);
      const { result, files } = await recording;
      signal?.throwIfAborted();
      await Promise.all(
        files.map(({ index, file, bytes }) =>
          consume(index, Readable.from(chunksOf(bytes)), file).catch(() => undefined),
        ),
      );
      signal?.throwIfAborted();
      return result;
    },
  };
}

type KnownChunk = ReturnType<KnownRows['read']> extends AsyncIterable<infer Chunk> ? Chunk : never;

async function readAll(known: KnownRows) {
  const chunks: KnownChunk[] = [];
  for await (const chunk of known.read()) chunks.push(chunk);
  return {
    ...known,
    chunks,
    async *read() {
      yield* chunks;
    },
  };
}

async function record(engine: DuckDbEngine, job: UnloadJob): Promise<Recording> {
  const files: { index: number; file: OutputFile; bytes: Buffer }[] = [];
  const result = await engine.unload({ ...job, chunks: 'owned' }, async (index, stream, file) => {
    files.push({ index, file, bytes: await buffer(stream) });
  });
  return { result, files };
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  const size = 64 * 1024;
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}
