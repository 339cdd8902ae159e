import {
  CausewayError,
  type Dataset,
  mostRecordFiles,
  type RecordsAccepted,
} from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { inGroups } from '../in-groups.ts';
import { toDataset } from './datasets.ts';

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

export interface RecordPushes {
  /**
   * Keeps a batch. When this returns it is on disk, and no reader has looked past it.
   *
   * @throws CausewayError `idempotency_key_reused` when the key came with another request.
   */
  push(batch: PushedBatch): Promise<RecordsAccepted>;
  /**
   * The dataset that is pushed to. Every push asks: those that come at once ask together.
   *
   * @throws CausewayError `not_found`.
   */
  datasetOf(id: string): Promise<Dataset>;
}

/** Bounds what a transaction holds: with the largest batches, 64 MiB. */
const largestGroup = 16;

/**
 * Batches of a dataset are kept in the order in which they are committed: its head is
 * locked from the moment that a batch gets its position and its time until the commit.
 * So a reader that sees one sees all before it, and both position and time only grow.
 */
export function recordPushes(db: Db): RecordPushes {
  const groups = new Map<string, (batch: PushedBatch) => Promise<RecordsAccepted>>();
  const find = inGroups<string, Dataset>((ids) => findDatasets(db, ids), 100);
  return {
    datasetOf: find,
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

interface Kept {
  readonly kept_position: number;
  readonly kept_at: string;
  readonly kept_hash: string;
}

/** All batches of a group in one statement, which is a transaction. A key that was used before fails no other batch. */
async function keep(
  db: Db,
  datasetId: string,
  batches: readonly PushedBatch[],
): Promise<readonly Outcome[]> {
  const lines = Buffer.concat(batches.map((batch) => batch.lines));
  const pieces = batches.flatMap(piecesOf);
  const { rows } = await sql<Kept>`
    select * from causeway.keep_pushed(
      ${datasetId}, ${lines},
      ${pieces.map(({ bytes }) => bytes)}::integer[],
      ${pieces.map(({ records }) => records)}::integer[],
      ${pieces.map(({ continues }) => continues)}::boolean[],
      ${pieces.map(({ batch }) => batch.bodyHash)}::text[],
      ${pieces.map(({ batch }) => batch.apiKeyId)}::text[],
      ${pieces.map(({ batch }) => batch.idempotencyKey)}::text[]
    )
  `.execute(db);
  return batches.map((batch, index) => outcomeOf(rows[index], batch));
}

interface Piece {
  readonly batch: PushedBatch;
  readonly bytes: number;
  readonly records: number;
  readonly continues: boolean;
}

const newline = 0x0a;

/** A batch of many records in several, so that a run of a file for each need not take them all. */
function piecesOf(batch: PushedBatch): Piece[] {
  const { lines } = batch;
  if (batch.records <= mostRecordFiles) {
    return [{ batch, bytes: lines.length, records: batch.records, continues: false }];
  }
  const pieces: Piece[] = [];
  let records = 0;
  for (let start = 0, end = 0; end < lines.length; ) {
    end = lines.indexOf(newline, end) + 1;
    records += 1;
    if (records < mostRecordFiles && end < lines.length) continue;
    pieces.push({ batch, bytes: end - start, records, continues: start > 0 });
    start = end;
    records = 0;
  }
  return pieces;
}

/** Under the key of an earlier request, that one's answer: what is the same has as many records. */
function outcomeOf(
  kept: Kept | undefined,
  { bodyHash, idempotencyKey, records }: PushedBatch,
): Outcome {
  if (!kept) throw new Error('Cannot keep records: nothing tells where');
  if (kept.kept_hash !== bodyHash) {
    return new CausewayError('idempotency_key_reused', { key: idempotencyKey ?? '' });
  }
  return { accepted: records, position: kept.kept_position, receivedAt: kept.kept_at };
}

async function findDatasets(db: Db, ids: readonly string[]) {
  const rows = await db.selectFrom('datasets').selectAll().where('id', 'in', ids).execute();
  return ids.map((id) => {
    const row = rows.find((found) => found.id === id);
    return row ? toDataset(row) : new CausewayError('not_found', { kind: 'dataset', id });
  });
}
