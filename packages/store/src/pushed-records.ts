import { CausewayError, type RecordsAccepted, type Window } from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from './database.ts';
import { inGroups } from './in-groups.ts';

/** The records of one request, as JSON lines in the form that the dataset's columns ask for. */
export interface PushedBatch {
  readonly datasetId: string;
  readonly lines: Buffer;
  readonly records: number;
  /** A hash of the request: what must be the same when the key is. */
  readonly bodyHash: string;
  readonly apiKeyId: string | null;
  readonly idempotencyKey: string | null;
}

/** What readers and planners of runs need. */
export interface PushedRecords {
  /**
   * Until when a window may go so that nothing ever comes into it later: everything that is
   * kept was received before, everything to come is received then or after.
   *
   * @param upTo Instead of this moment. @throws CausewayError `invalid_request` if it is still to come.
   */
  seal(datasetId: string, upTo?: string): Promise<string>;
  /** When what was pushed last was received, and a microsecond: nothing that is kept is later. Null if nothing was. */
  end(datasetId: string): Promise<string | null>;
  /** The lines received in a window, in the order of their positions. */
  read(datasetId: string, window: Window): AsyncIterable<Buffer>;
}

export interface RecordPushes {
  /**
   * Keeps a batch. When this returns it is on disk, and no reader has looked past it.
   *
   * @throws CausewayError `idempotency_key_reused` when the key came with another request.
   */
  push(batch: PushedBatch): Promise<RecordsAccepted>;
}

/** About how many bytes of lines a read holds at once, beside one batch. */
const pageBytes = 4_194_304;
const pageBatches = 500;

/** Bounds what a transaction holds: with the largest batches, 64 MiB. */
const largestGroup = 16;

export function pushedRecords(db: Db): PushedRecords {
  return {
    async seal(datasetId, upTo) {
      const until = sql`coalesce(least(${upTo ?? null}::timestamptz, clock_timestamp()), clock_timestamp())`;
      const { rows } = await sql<{ at: string; passed: boolean }>`
        insert into causeway.push_heads as head (dataset_id, next_position, next_received_at)
        values (${datasetId}, 0, ${until})
        on conflict (dataset_id) do update
          set next_received_at = greatest(head.next_received_at, ${until})
        returning next_received_at as at,
          coalesce(${upTo ?? null}::timestamptz <= next_received_at, true) as passed
      `.execute(db);
      const sealed = rows[0];
      if (!sealed) throw new Error(`Cannot seal dataset "${datasetId}": it has no head`);
      if (sealed.passed) return upTo ?? sealed.at;
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
  };
}

async function* readLines(
  db: Db,
  datasetId: string,
  { from, to }: Window,
): AsyncGenerator<Buffer, void> {
  let after: string | null = null;
  for (;;) {
    // The sum is over a column of its own, so that only lines that are wanted are read.
    const { rows }: { rows: { received_at: string; lines: Buffer }[] } = await sql<{
      received_at: string;
      lines: Buffer;
    }>`
      select batch.received_at, batch.lines
      from (
        select received_at, sum(bytes) over (order by received_at) - bytes as bytes_before
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
    for (const { lines } of rows) yield lines;
    const last = rows.at(-1);
    if (!last) return;
    after = last.received_at;
  }
}

/**
 * Batches of a dataset are kept in the order in which they are committed: its head is
 * locked from the moment that a batch gets its position and its time until the commit.
 * So a reader that sees one sees all before it, and both position and time only grow.
 */
export function recordPushes(db: Db): RecordPushes {
  const groups = new Map<string, (batch: PushedBatch) => Promise<RecordsAccepted>>();
  return {
    push(batch) {
      const { datasetId } = batch;
      let push = groups.get(datasetId);
      if (!push) {
        push = inGroups<PushedBatch, RecordsAccepted>(
          (batches) => keep(db, datasetId, batches),
          largestGroup,
        );
        groups.set(datasetId, push);
      }
      return push(batch);
    },
  };
}

type Outcome = RecordsAccepted | CausewayError<'idempotency_key_reused'>;

/** All batches of a group in one transaction. A key that was used before fails no other batch. */
function keep(
  db: Db,
  datasetId: string,
  batches: readonly PushedBatch[],
): Promise<readonly Outcome[]> {
  return inTransaction(db, async (trx) => {
    const head = await lockHead(trx, datasetId);
    const known = await findKnown(trx, datasetId, batches);
    const fresh: { batch: PushedBatch; position: number; offset: number }[] = [];
    let position = head.position;
    const outcomes: (() => Outcome)[] = [];
    const accepted = new Map<number, string>();
    for (const batch of batches) {
      const key = keyOf(batch.apiKeyId, batch.idempotencyKey);
      const earlier = key === null ? undefined : known.get(key);
      if (earlier) {
        outcomes.push(() => repeat(batch, earlier));
        continue;
      }
      const kept: Known = {
        bodyHash: batch.bodyHash,
        records: batch.records,
        position,
        receivedAt: () => accepted.get(kept.position) ?? '',
      };
      if (key !== null) known.set(key, kept);
      fresh.push({ batch, position, offset: fresh.length });
      outcomes.push(() => toAccepted(kept));
      position += batch.records;
    }
    for (const { position: at, received_at } of await insert(trx, datasetId, head.at, fresh)) {
      accepted.set(at, received_at);
    }
    if (fresh.length > 0) {
      await sql`
        update causeway.push_heads set
          next_position = ${position},
          last_received_at = ${head.at}::timestamptz + ${fresh.length - 1} * interval '1 microsecond',
          next_received_at = ${head.at}::timestamptz + ${fresh.length} * interval '1 microsecond'
        where dataset_id = ${datasetId}
      `.execute(trx);
    }
    return outcomes.map((outcome) => outcome());
  });
}

/** Where the next batch goes, and when it is received: asked when the lock is held. */
async function lockHead(trx: Db, datasetId: string): Promise<{ position: number; at: string }> {
  const { rows } = await sql<{ position: number; at: string }>`
    insert into causeway.push_heads as head (dataset_id, next_position, next_received_at)
    values (${datasetId}, 0, clock_timestamp())
    on conflict (dataset_id) do update
      set next_received_at = greatest(head.next_received_at, clock_timestamp())
    returning next_position as position, next_received_at as at
  `.execute(trx);
  const [head] = rows;
  if (!head) throw new Error(`Cannot push to dataset "${datasetId}": it has no head`);
  return head;
}

interface Known {
  readonly bodyHash: string;
  readonly records: number;
  readonly position: number;
  readonly receivedAt: () => string;
}

async function findKnown(
  trx: Db,
  datasetId: string,
  batches: readonly PushedBatch[],
): Promise<Map<string, Known>> {
  const keyed = batches.filter(({ idempotencyKey }) => idempotencyKey !== null);
  if (keyed.length === 0) return new Map();
  const rows = await trx
    .selectFrom('push_batches')
    .select(['api_key_id', 'idempotency_key', 'body_hash', 'position', 'records', 'received_at'])
    .where('dataset_id', '=', datasetId)
    .where(
      'idempotency_key',
      'in',
      keyed.map(({ idempotencyKey }) => idempotencyKey),
    )
    .execute();
  return new Map(
    rows.map((row) => [
      keyOf(row.api_key_id, row.idempotency_key) ?? '',
      {
        bodyHash: row.body_hash,
        records: row.records,
        position: row.position,
        receivedAt: () => row.received_at,
      },
    ]),
  );
}

function keyOf(apiKeyId: string | null, key: string | null): string | null {
  return key === null ? null : `${apiKeyId} ${key}`;
}

function repeat({ bodyHash, idempotencyKey }: PushedBatch, earlier: Known): Outcome {
  if (earlier.bodyHash === bodyHash) return toAccepted(earlier);
  return new CausewayError('idempotency_key_reused', { key: idempotencyKey ?? '' });
}

function toAccepted({ records, position, receivedAt }: Known): RecordsAccepted {
  return { accepted: records, position, receivedAt: receivedAt() };
}

async function insert(
  trx: Db,
  datasetId: string,
  at: string,
  fresh: readonly { batch: PushedBatch; position: number; offset: number }[],
) {
  if (fresh.length === 0) return [];
  return trx
    .insertInto('push_batches')
    .values(
      fresh.map(({ batch, position, offset }) => ({
        dataset_id: datasetId,
        received_at: sql<string>`${at}::timestamptz + ${offset} * interval '1 microsecond'`,
        position,
        records: batch.records,
        bytes: batch.lines.length,
        api_key_id: batch.apiKeyId,
        idempotency_key: batch.idempotencyKey,
        body_hash: batch.bodyHash,
        lines: batch.lines,
      })),
    )
    .returning(['position', 'received_at'])
    .execute();
}
