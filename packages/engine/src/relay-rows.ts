import { asError, type Column, CsvForm } from '@causeway/contract';
import { writeTextFiles } from './encode/text-files.ts';
import { textForm } from './encode/text-form.ts';
import type { ConsumeOutput, UnloadJob, UnloadResult } from './engine.ts';
import type { WrittenCsv } from './engine-source.ts';
import { feedOf, planText } from './open-scan-outputs.ts';
import { sumOf } from './output-files.ts';
import { schemaChanges, sentColumns } from './sent-columns.ts';
import type { EngineContext } from './workplace.ts';

/** Rows that their source writes itself as the files of a job have them. */
export interface Relay {
  readonly csv: CsvForm;
  readonly schema: readonly Column[];
  readonly open: (signal: AbortSignal) => Promise<WrittenCsv>;
}

/**
 * Whether DuckDB has nothing to do in a job: it wants all rows of a stream, or those of a
 * window, as CSV in one output, of columns that are as expected, and the source writes such
 * rows itself. Null when it does not; what is wrong with a job is for DuckDB to say.
 */
export function relayOf(job: UnloadJob): Relay | null {
  const { source, format, window = null, schema = null, columns = null, chunks = 'owned' } = job;
  const [input, ...others] = source.inputs;
  const isWhole = job.split.type === 'all' && !job.partitionBy?.length;
  const isPlain = !(job.filter || job.deleted || job.known || job.fingerprint || job.rowName);
  if (format !== 'csv' || !isWhole || !isPlain || source.query !== undefined) return null;
  if (!input || others.length > 0 || input.data.type !== 'stream') return null;
  const found = (input.columns ?? []).map((column) => ({ nullable: true, ...column }));
  const { sendsAdded = false } = job;
  if (schemaChanges(found, { schema, columns, deleted: null }).length > 0) return null;
  const names =
    sentColumns(found, { schema, columns, sendsAdded }) ?? found.map(({ name }) => name);
  const byName = new Map(found.map((column) => [column.name, column]));
  const sent = names.flatMap((name) => byName.get(name) ?? []);
  if (sent.length < names.length) return null;
  const csv = CsvForm.parse(job.csv ?? {});
  const open = input.data.writeCsv?.({ columns: names, window, csv, chunks });
  return open ? { csv, schema: sent, open } : null;
}

/** {@link Engine.unload} of rows that only need to be made into files. */
export async function relayRows(
  context: EngineContext,
  job: UnloadJob,
  relay: Relay,
  consume: ConsumeOutput,
  jobSignal?: AbortSignal,
): Promise<UnloadResult> {
  const { csv, schema } = relay;
  const { compression, targetFileBytes = null } = job;
  const signal = AbortSignal.any([context.closing, ...(jobSignal ? [jobSignal] : [])]);
  signal.throwIfAborted();
  const written = await relay.open(signal);
  const { stream } = written;
  const abort = () => void stream.destroy(asError(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const plan = { outputs: 1, compression, ownedChunks: job.chunks !== 'reused', targetFileBytes };
    const files = await writeTextFiles(stream, {
      ...planText(plan, context.compressor),
      form: textForm({ format: 'csv', csv }, schema),
      consume: feedOf((index, file, number) => consume(index, file, { number, partition: [] }), 0),
    });
    const sum = sumOf(files);
    if (sum.rows !== written.rows()) {
      throw new Error(`The source wrote ${written.rows()} rows, but ${sum.rows} arrived`);
    }
    return { schema, files: [files], outputs: [sum], sourceVersion: '' };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}
