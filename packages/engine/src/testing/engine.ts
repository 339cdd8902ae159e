import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createDuckDbEngine, type DuckDbEngine } from '../create-duckdb-engine.ts';
import type { ConsumeOutput } from '../engine.ts';
import { sql } from './duckdb.ts';

/** An engine with folders of its own, and what the tests of this package do with it. */
export interface TestEngine {
  readonly engine: DuckDbEngine;
  readonly tempDir: string;
  /** A path for a new file. */
  file(name?: string): string;
  /** Writes the rows of a query to a new Parquet file. */
  parquet(query: string, options?: string): Promise<string>;
  /** What the engine has left in its folder. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

/** Jobs share processes, which what they answer does not depend on, unless the test is about processes. */
export async function openTestEngine({ keepsProcesses = true } = {}): Promise<TestEngine> {
  const root = await mkdtemp(join(tmpdir(), 'causeway-engine-'));
  const tempDir = join(root, 'work');
  const limits = { memoryLimitMb: 500, threads: 2 };
  const engine = createDuckDbEngine({ tempDir, ...limits, keepsProcesses });
  const file = (name = `${randomUUID()}.parquet`) => join(root, name);
  return {
    engine,
    tempDir,
    file,
    parquet: async (query, options = '') => {
      const path = file();
      await sql(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
      return path;
    },
    leftovers: () => jobFolders(tempDir),
    close: async () => {
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What jobs have left in an engine's folder. */
export async function jobFolders(tempDir: string): Promise<string[]> {
  return (await readdir(tempDir)).filter((name) => name !== 'compile-cache');
}

/** 3 million real flights: date, delay, distance, origin, destination. */
export const flights = fileURLToPath(
  new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')),
);

/** A consumer that keeps what each output was given: all of it, and file by file. */
export function collect() {
  const outputs: Buffer[] = [];
  const files: Buffer[][] = [];
  const consume: ConsumeOutput = async (index, stream, { number }) => {
    const bytes = await buffer(stream);
    const given = files[index] ?? [];
    files[index] = given;
    given[number] = bytes;
    outputs[index] = Buffer.concat(given.filter(Boolean));
  };
  return { consume, outputs, files };
}
