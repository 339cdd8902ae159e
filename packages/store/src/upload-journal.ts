import type { JournaledUpload, Lease, RunJournal } from '@causeway/delivery';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './database.ts';
import { fenced } from './fenced.ts';

type UploadJournal = Pick<
  RunJournal,
  | 'openUpload'
  | 'recordPart'
  | 'sealUpload'
  | 'keepFile'
  | 'dropUpload'
  | 'uploadsOf'
  | 'completeUpload'
>;

/** The part of the journal that is about uploads. */
export function uploadJournal(db: Db): UploadJournal {
  return {
    openUpload: (lease, { customerId, kind, fileIndex, key, uploadId, token }) =>
      fenced(db, lease, async (trx) => {
        const row = { kind, key, token, upload_id: uploadId, customer_id: customerId };
        await trx
          .insertInto('uploads')
          .values({ ...row, run_id: lease.runId, file_index: fileIndex, state: 'open' })
          .execute();
      }),
    recordPart: (lease, uploadId, part) =>
      fenced(db, lease, async (trx) => {
        // The subquery sees what was there before this statement: a part that is sent
        // again replaces the one before.
        const { rows } = await sql`
          with part as (
            insert into causeway.upload_parts (run_id, upload_id, part_number, etag, bytes, crc32)
            values (${lease.runId}, ${uploadId}, ${part.partNumber}, ${part.etag}, ${part.bytes},
              ${part.crc32})
            on conflict (run_id, upload_id, part_number) do update
              set etag = excluded.etag, bytes = excluded.bytes, crc32 = excluded.crc32
          )
          update causeway.uploads set uploaded_bytes = uploaded_bytes + ${part.bytes} - coalesce((
            select bytes from causeway.upload_parts as earlier
            where earlier.run_id = ${lease.runId} and earlier.upload_id = ${uploadId}
              and earlier.part_number = ${part.partNumber}
          ), 0)
          where run_id = ${lease.runId} and upload_id = ${uploadId}
          returning upload_id
        `.execute(trx);
        requireUpload(rows, uploadId);
      }),
    sealUpload: (lease, uploadId, sealed) =>
      updateUpload(db, lease, uploadId, { state: 'sealed', ...sealed }),
    keepFile: (lease, { customerId, kind, fileIndex, key, token, rows, bytes, sha256, body }) =>
      fenced(db, lease, async (trx) => {
        const row = { kind, key, token, upload_id: token, customer_id: customerId };
        const sealed = { rows, bytes, sha256, body, uploaded_bytes: bytes };
        await trx
          .insertInto('uploads')
          .values({
            ...row,
            ...sealed,
            run_id: lease.runId,
            file_index: fileIndex,
            state: 'sealed',
          })
          .execute();
      }),
    completeUpload: (lease, uploadId, etag) =>
      updateUpload(db, lease, uploadId, { state: 'completed', etag, body: null }),
    dropUpload: (lease, uploadId) =>
      fenced(db, lease, async (trx) => {
        await trx
          .deleteFrom('uploads')
          .where('run_id', '=', lease.runId)
          .where('upload_id', '=', uploadId)
          .execute();
      }),
    // Who has lost the lease must not abort what its follower has begun.
    uploadsOf: (lease, customerId) =>
      fenced(db, lease, (trx) => uploadsOf(trx, lease.runId, customerId)),
  };
}

function updateUpload(
  db: Db,
  lease: Lease,
  uploadId: string,
  change: Partial<Selectable<Database['uploads']>>,
): Promise<void> {
  return fenced(db, lease, async (trx) => {
    const changed = await trx
      .updateTable('uploads')
      .set(change)
      .where('run_id', '=', lease.runId)
      .where('upload_id', '=', uploadId)
      .returning('upload_id')
      .execute();
    requireUpload(changed, uploadId);
  });
}

function requireUpload(rows: readonly unknown[], uploadId: string): void {
  if (rows.length === 0) throw new Error(`Cannot find upload "${uploadId}" in the journal`);
}

async function uploadsOf(db: Db, runId: string, customerId: string): Promise<JournaledUpload[]> {
  const rows = await db
    .selectFrom('uploads')
    .selectAll()
    .select(
      sql<JournaledUpload['parts']>`(
        select coalesce(json_agg(json_build_object('partNumber', part_number, 'etag', etag,
          'bytes', bytes, 'crc32', crc32) order by part_number), '[]'::json)
        from causeway.upload_parts as part
        where part.run_id = uploads.run_id and part.upload_id = uploads.upload_id
      )`.as('parts'),
    )
    .where('run_id', '=', runId)
    .where('customer_id', '=', customerId)
    .orderBy('kind')
    .orderBy('file_index')
    .execute();
  return rows.map((row) => ({
    customerId,
    kind: row.kind,
    fileIndex: row.file_index,
    key: row.key,
    uploadId: row.upload_id,
    token: row.token,
    state: row.state,
    parts: row.parts,
    sealed:
      row.rows === null || row.bytes === null || row.sha256 === null
        ? null
        : { rows: row.rows, bytes: row.bytes, sha256: row.sha256 },
    body: row.body,
    etag: row.etag,
  }));
}
