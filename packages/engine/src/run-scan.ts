import { readdir } from 'node:fs/promises';
import { asError, CausewayError, type Column } from '@causeway/contract';
import type { FileCounts, UnloadResult } from './engine.ts';
import { feedInputs } from './feed-inputs.ts';
import { openScanOutputs } from './open-scan-outputs.ts';
import type { ScanCounts } from './protocol.ts';
import type { Scan } from './scan.ts';
import type { ArrivedFile, ScanOutput } from './scan-output.ts';
import { checkUnchanged } from './source-file.ts';
import type { OpenedSource } from './source-inputs.ts';
import type { Workplace } from './workplace.ts';

/** Runs the query of a scan, and hands what it writes to those who read it. */
export async function runScan(
  workplace: Workplace,
  input: Scan,
): Promise<Pick<UnloadResult, 'schema' | 'files'>> {
  const { source, scan } = input;
  let outputs: readonly ScanOutput[] = [];
  const fail = (error: unknown) => {
    for (const output of outputs) output.fail(asError(error));
  };
  const abort = () => fail(workplace.signal.reason);
  workplace.signal.addEventListener('abort', abort, { once: true });
  try {
    const opened = await openScanOutputs(workplace, input);
    outputs = opened.outputs;
    let schema: readonly Column[] = [];
    const ready = (columns: readonly Column[]) => {
      schema = columns;
      for (const output of outputs) output.start(columns);
    };
    const counts = await feedInputs(workplace, source, (stop) => workplace.run(scan, ready, stop));
    await Promise.all(outputs.map((output) => output.drain()));
    workplace.signal.throwIfAborted();
    await Promise.all(source.watched.map(checkUnchanged));
    await checkOnlyFifos(workplace, opened.folders);
    const arrived = await Promise.all(outputs.map((output) => output.end()));
    workplace.signal.throwIfAborted();
    return { schema, files: countFiles(counts, arrived) };
  } catch (error) {
    const cause = await sourceChange(source, error);
    fail(cause);
    throw cause;
  } finally {
    await Promise.all(outputs.map((output) => output.settled()));
    workplace.signal.removeEventListener('abort', abort);
  }
}

/** A source that was replaced explains a failure better than what DuckDB then met. */
async function sourceChange(source: OpenedSource, error: unknown): Promise<unknown> {
  if (!CausewayError.is(error, 'engine_failed')) return error;
  return Promise.all(source.watched.map(checkUnchanged)).then(
    () => error,
    (change: unknown) => change,
  );
}

/**
 * Rows and bytes of each file, counted on both sides of the FIFO where both can.
 *
 * @throws Error when they differ: a fault of ours, and no data to be trusted.
 */
function countFiles(
  counts: ScanCounts,
  arrived: readonly (readonly ArrivedFile[])[],
): UnloadResult['files'] {
  const written = new Map(
    counts.outputs?.map((file) => [`${file.index}/${file.file}`, file] as const),
  );
  const files = arrived.map((output, index) =>
    output.map((file, number): FileCounts => {
      if (file.rows !== null) return { rows: file.rows, bytes: file.bytes };
      const { rows = 0, bytes = 0 } = written.get(`${index}/${number}`) ?? {};
      expectEqual(`bytes of file ${number} of output ${index}`, bytes, file.bytes);
      return { rows, bytes };
    }),
  );
  if (counts.outputs) expectEqual('files', counts.outputs.length, files.flat().length);
  expectEqual(
    'rows',
    counts.rows,
    files.flat().reduce((sum, { rows }) => sum + rows, 0),
  );
  return files;
}

function expectEqual(what: string, written: number, received: number): void {
  if (written === received) return;
  throw new Error(`The query wrote ${written} ${what}, but ${received} arrived`);
}

/** DuckDB would write a file of its own for an output that it closed too early. */
async function checkOnlyFifos(workplace: Workplace, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const entries = await readdir(workplace.pathOf(folder), { withFileTypes: true });
    const file = entries.find((entry) => !entry.isFIFO());
    if (file) throw new Error(`The query wrote "${folder}/${file.name}", where nobody reads`);
  }
}
