import { randomBytes } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CausewayError, type Column } from '@causeway/contract';
import { checkUnloadJob } from './check-job.ts';
import {
  type ConsumeOutput,
  maxOutputsPerScan,
  type UnloadJob,
  type UnloadResult,
} from './engine.ts';
import { type OutputPipe, openOutputPipe } from './output-pipe.ts';
import { outputName, type ScanCounts, sourceName, type UnloadScanJob } from './protocol.ts';
import { checkUnchanged, openSourceFile, type SourceFile } from './source-file.ts';
import { type EngineContext, type Workplace, withWorkplace } from './workplace.ts';

/** {@link Engine.unload}. */
export async function unloadSource(
  context: EngineContext,
  job: UnloadJob,
  consume: ConsumeOutput,
  signal?: AbortSignal,
): Promise<UnloadResult> {
  checkUnloadJob(job);
  const reuseChunks = job.chunks === 'reused';
  const source = await openSourceFile(job.source.path, 'parquet');
  let schema: readonly Column[] = [];
  const outputs: UnloadResult['outputs'][number][] = [];
  for (const scan of scansOf(job)) {
    const first = outputs.length;
    const consumeScan: ConsumeOutput = (index, stream) => consume(first + index, stream);
    const result = await withWorkplace(
      context,
      { files: [{ name: sourceName, path: source.path }], signal },
      (workplace) => runScan(workplace, { source, scan, consume: consumeScan, reuseChunks }),
    );
    schema = result.schema;
    outputs.push(...result.outputs);
  }
  return { schema, outputs };
}

/** One for all outputs, as far as one may serve: see {@link maxOutputsPerScan}. */
function scansOf(job: UnloadJob): UnloadScanJob[] {
  const { format, compression, split } = job;
  const scan = { type: 'unload', format, compression, window: job.window ?? null } as const;
  if (split.type === 'all') return [{ ...scan, split: null }];
  const indexColumn = `__output_${randomBytes(8).toString('hex')}`;
  const scans: UnloadScanJob[] = [];
  // At least one, so that a split over no values still checks the source and tells its schema.
  for (let start = 0; start === 0 || start < split.values.length; start += maxOutputsPerScan) {
    const values = split.values.slice(start, start + maxOutputsPerScan);
    scans.push({ ...scan, split: { column: split.column, values, indexColumn } });
  }
  return scans;
}

interface Scan {
  readonly source: SourceFile;
  readonly scan: UnloadScanJob;
  readonly consume: ConsumeOutput;
  readonly reuseChunks: boolean;
}

async function runScan(workplace: Workplace, input: Scan): Promise<UnloadResult> {
  const { source, scan } = input;
  const names = outputNames(scan);
  const pipes: OutputPipe[] = [];
  const consumers: Promise<void>[] = [];
  const fail = (error: unknown) => {
    for (const pipe of pipes) pipe.fail(asError(error));
  };
  const abort = () => fail(workplace.signal.reason);
  try {
    await workplace.folder.makeFifos(names);
    for (const name of names) pipes.push(openPipe(workplace.pathOf(name), input, names.length));
    workplace.signal.addEventListener('abort', abort, { once: true });
    let schema: readonly Column[] = [];
    const counts = await workplace.run(scan, (columns) => {
      schema = columns;
      consumers.push(...pipes.map((pipe, index) => feed(pipe, index, input.consume)));
    });
    await Promise.all(pipes.map((pipe) => pipe.drain()));
    workplace.signal.throwIfAborted();
    await checkUnchanged(source);
    await checkNoOtherFiles(workplace, names);
    const outputs = countOutputs(counts, pipes);
    for (const pipe of pipes) pipe.end();
    await Promise.all(consumers);
    workplace.signal.throwIfAborted();
    return { schema, outputs };
  } catch (error) {
    const cause = await sourceChange(source, error);
    fail(cause);
    throw cause;
  } finally {
    await Promise.all(consumers);
    workplace.signal.removeEventListener('abort', abort);
  }
}

/** A source that was replaced explains a failure better than what DuckDB then met. */
async function sourceChange(source: SourceFile, error: unknown): Promise<unknown> {
  if (!CausewayError.is(error, 'engine_failed')) return error;
  return checkUnchanged(source).then(
    () => error,
    (change: unknown) => change,
  );
}

function outputNames(scan: UnloadScanJob): string[] {
  const count = scan.split === null ? 1 : scan.split.values.length;
  return Array.from({ length: count }, (_, index) => outputName(index, scan.format, scan.split));
}

/** All streams of a scan together may hold this much that their readers have not taken. */
const bufferBytesPerScan = 16 * 1024 * 1024;

function openPipe(path: string, { scan, reuseChunks }: Scan, count: number): OutputPipe {
  const share = Math.floor(bufferBytesPerScan / count);
  return openOutputPipe(path, {
    bufferBytes: Math.max(64 * 1024, Math.min(1024 * 1024, share)),
    countLines: scan.format === 'jsonl',
    reuseChunks,
  });
}

/** Never rejects: what a consumer meets is its own business, and must not hold up the others. */
async function feed(pipe: OutputPipe, index: number, consume: ConsumeOutput): Promise<void> {
  try {
    await consume(index, pipe.stream);
  } catch {
    // As documented at Engine.unload.
  } finally {
    pipe.stream.destroy();
  }
}

/**
 * Rows and bytes of each output, counted on both sides of the FIFO where both can.
 *
 * @throws Error when they differ: a fault of ours, and no data to be trusted.
 */
function countOutputs(counts: ScanCounts, pipes: readonly OutputPipe[]): UnloadResult['outputs'] {
  if (counts.outputs === null) {
    const outputs = pipes.map((pipe) => ({ rows: pipe.lines(), bytes: pipe.bytes() }));
    expectEqual(
      'rows',
      counts.rows,
      outputs.reduce((sum, output) => sum + output.rows, 0),
    );
    return outputs;
  }
  const written = new Map(counts.outputs.map((output) => [output.index, output]));
  expectEqual('outputs', counts.outputs.length, written.size);
  return pipes.map((pipe, index) => {
    const { rows = 0, bytes = 0 } = written.get(index) ?? {};
    expectEqual(`bytes of output ${index}`, bytes, pipe.bytes());
    return { rows, bytes };
  });
}

function expectEqual(what: string, written: number, received: number): void {
  if (written === received) return;
  throw new Error(`The query wrote ${written} ${what}, but ${received} arrived`);
}

/** DuckDB would write a second file for an output that it closed too early. */
async function checkNoOtherFiles(workplace: Workplace, names: readonly string[]): Promise<void> {
  for (const folder of new Set(names.map(dirname))) {
    const found = await readdir(workplace.pathOf(folder));
    const expected = names.filter((name) => dirname(name) === folder).length;
    expectEqual(`files in "${folder}"`, found.length, expected);
  }
  for (const name of names) {
    if (!(await lstat(workplace.pathOf(name))).isFIFO()) throw new Error(`"${name}" was replaced`);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The unload was aborted', { cause: reason });
}
