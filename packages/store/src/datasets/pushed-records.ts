import { CausewayError, compareInstants, type Window } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** What readers and planners of runs need. */
export interface PushedRecords {
  /**
   * Closes windows: everything that is kept was received before, and everything to come is
   * received then or after.
   *
   * @param upTo Instead of this moment. @throws CausewayError `invalid_request` if it is still to come.
   */
  seal(datasetId: string, upTo?: string): Promise<Sealed>;
  /** When what was pushed last was received, and a microsecond: nothing that is kept is later. Null if nothing was. */
  end(datasetId: string): Promise<string | null>;
  /**
   * The lines received in a window, in the order of their positions.
   *
   * @throws CausewayError `source_not_readable` at the end of a window that begins with what has been removed.
   */
  read(datasetId: string, window: Window): AsyncIterable<PushedLines>;
  /**
   * The window, or what it begins with if more than so many records were received in it. Records
   * of one time are never parted, so that it may have more of them than that.
   */
  cut(at: CutAt, window: Window): Promise<Window>;
}

export interface CutAt {
  readonly datasetId: string;
  readonly mostRecords: number;
}

/** Records of one time. */
export interface PushedLines {
  readonly lines: Buffer;
  /** Of the first; the others follow. */
  readonly position: number;
}

export interface Sealed {
  /** Until when a window may go so that nothing ever comes into it later. */
  readonly until: string;
  /** As {@link PushedRecords.end}, at that moment. */
  readonly end: string | null;
  /** What was received earlier has been removed; null: nothing has. */
  readonly removedBefore: string | null;
}

/** About how many bytes of lines a read holds at once, beside one batch. */
const pageBytes = 4_194_304;
const pageBatches = 500;

export function pushedRecords(db: Db): PushedRecords {
  return {
    async seal(datasetId, upTo) {
      const until = sql`coalesce(least(${upTo ?? null}::timestamptz, clock_timestamp()), clock_timestamp())`;
      const { rows } = await sql<SealedRow>`
        insert into causeway.push_heads as head (dataset_id, next_position, next_received_at)
        values (${datasetId}, 0, ${until})
        on conflict (dataset_id) do update
          set next_received_at = greatest(head.next_received_at, ${until})
        returning next_received_at as at,
          last_received_at + interval '1 microsecond' as "end",
          removed_before as "removedBefore",
          coalesce(${upTo ?? null}::timestamptz <= next_received_at, true) as passed
      `.execute(db);
      const sealed = rows[0];
      if (!sealed) throw new Error(`Cannot seal dataset "${datasetId}": it has no head`);
      const { end, removedBefore } = sealed;
      if (sealed.passed) return { until: upTo ?? sealed.at, end, removedBefore };
      const message = 'must not be later than now: records that are still to come would be lost';
      throw new CausewayError('invalid_request', { issues: [{ path: 'window.to', message }] });
    },
    async end(datasetId) {
      const { rows } = await sql<{ at: string | null }>`
        select last_received_at + interval '1 microsecond' as at
        from causeway.push_heads where dataset_id = ${datasetId}
      `.execute(db);
      return rows[0]?.at ?? null;
    },
    read: (datasetId, window) => readLines(db, datasetId, window),
    cut: (at, window) => cutWindow(db, at, window),
  };
}

interface SealedRow extends Pick<Sealed, 'end' | 'removedBefore'> {
  readonly at: string;
  readonly passed: boolean;
}

interface BatchRow extends PushedLines {
  readonly received_at: string;
}

async function* readLines(
  db: Db,
  datasetId: string,
  { from, to }: Window,
): AsyncGenerator<PushedLines, void> {
  let after: string | null = null;
  for (;;) {
    const { rows }: { rows: BatchRow[] } = await sql<BatchRow>`
      select batch.received_at, batch.lines, batch.position
      from (
        select received_at,
          byte_position - first_value(byte_position) over (order by received_at) as bytes_before
        from causeway.push_batches
        where dataset_id = ${datasetId} and received_at < ${to}
          and received_at >= coalesce(${from}::timestamptz, '-infinity')
          and received_at > coalesce(${after}::timestamptz, '-infinity')
        order by received_at limit ${pageBatches}
      ) as page
      join causeway.push_batches as batch
        on batch.dataset_id = ${datasetId} and batch.received_at = page.received_at
      where page.bytes_before < ${pageBytes}
      order by batch.received_at
    `.execute(db);
    for (const { lines, position } of rows) yield { lines, position };
    const last = rows.at(-1);
    if (!last) return refuseRemoved(db, datasetId, from);
    after = last.received_at;
  }
}

/** Asked when all was read: what is removed later was there. */
async function refuseRemoved(db: Db, datasetId: string, from: string | null): Promise<void> {
  if (from === null) return;
  const head = await db
    .selectFrom('push_heads')
    .select('removed_before')
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst();
  const before = head?.removed_before ?? null;
  if (before === null || compareInstants(from, before) >= 0) return;
  const reason = `what was received before ${before} has been removed`;
  throw new CausewayError('source_not_readable', { path: datasetId, reason });
}

/** {@link PushedRecords.cut}, in a transaction. */
export async function cutWindow(
  db: Db,
  { datasetId, mostRecords }: CutAt,
  { from, to }: Window,
): Promise<Window> {
  const { rows } = await sql<{ received_at: string }>`
    with first as (
      select received_at, position from causeway.push_batches
      where dataset_id = ${datasetId}
        and received_at >= coalesce(${from}::timestamptz, '-infinity')
      order by received_at limit 1
    )
    select batch.received_at from first
    cross join lateral (
      select received_at from causeway.push_batches
      where dataset_id = ${datasetId} and received_at > first.received_at
        and received_at < ${to} and position + records > first.position + ${mostRecords}
      order by received_at limit 1
    ) as batch
  `.execute(db);
  return { from, to: rows[0]?.received_at ?? to };
}
