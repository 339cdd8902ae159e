import { outputFolder, partitionFolder, type SpillJob, type SpillResult } from '../protocol.ts';
import { heldColumns } from './held-columns.ts';
import { loadKnownRows } from './known-rows.ts';
import { loadWanted } from './load-wanted.ts';
import type { Session } from './session.ts';
import { sourceFailure } from './source-failure.ts';
import { chosenColumns, type Query, selectRows } from './source-rows.ts';
import { openSourceTable, type SourceTable } from './source-table.ts';
import { quoteIdentifier, quoteLiteral, readParquet } from './sql.ts';
import { describeTable } from './table-facts.ts';

/**
 * Reads the source once and writes its rows, with the columns that are sent and those that
 * tell whose they are, as Parquet: each bucket's in a folder of its own.
 *
 * @throws JobError as `unloadScan`.
 */
export async function spillRows(session: Session, job: SpillJob): Promise<SpillResult> {
  const source = await openSourceTable(session, job.source, 'read');
  const columns = heldColumns(source, job);
  const kept = columns && [...new Set([...columns, ...job.split.columns])];
  const schema = [...chosenColumns(source, { columns })];
  // As they are, whatever they are written as afterwards.
  const form = { format: 'parquet', compression: 'snappy', csv: null } as const;
  const query = selectRows({ ...job, ...form, columns: kept }, source);
  if (!(await isFaithful(session, source, kept))) return { schema, isFaithful: false };
  await loadWanted(session, job.split, job.buckets);
  if (job.known) await loadKnownRows(session);
  await copy(session, job, query);
  return { schema, isFaithful: true };
}

/** Nobody but us reads it: larger groups would only take more memory. */
const mostRowGroupRows = 10 * 2048;

async function copy(session: Session, job: SpillJob, query: Query): Promise<void> {
  const options = [
    'FORMAT parquet',
    // Takes less time than writing and reading what it saves.
    'COMPRESSION snappy',
    `ROW_GROUP_SIZE ${Math.min(mostRowGroupRows, session.partitionPlan?.rowGroupRows ?? 0)}`,
    `PARTITION_BY (${quoteIdentifier(job.split.indexColumn)})`,
  ];
  const target = `${quoteLiteral(partitionFolder)} (${options.join(', ')})`;
  try {
    await session.rows(`COPY (${query.sql}) TO ${target}`, query.values);
  } catch (error) {
    throw sourceFailure(error, job.source);
  }
}

/**
 * Whether Parquet gives back what it is given: it has no integers of 128 bits, no
 * enumerations and no unions, which a file without rows tells; and it cuts intervals to the
 * millisecond and takes a time its zone, which it does not tell.
 */
async function isFaithful(
  session: Session,
  source: SourceTable,
  columns: readonly string[] | null,
): Promise<boolean> {
  const before = chosenColumns(source, { columns });
  if (before.some(({ type }) => /\b(INTERVAL|TIME WITH TIME ZONE)\b/.test(type))) return false;
  // Not of the source itself: a stream can be opened once.
  const empty = before.map(({ name, type }) => `NULL::${type} AS ${quoteIdentifier(name)}`);
  const probe = `${outputFolder}/types.parquet`;
  await session.rows(
    `COPY (SELECT ${empty.join(', ')} WHERE false) TO ${quoteLiteral(probe)} (FORMAT parquet)`,
  );
  const after = await describeTable(session, readParquet([probe]));
  return after.every(({ type }, i) => type === before[i]?.type);
}
