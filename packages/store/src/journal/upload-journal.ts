import type { JournaledUpload, KeptFile, OpenUpload, RunJournal } from '@causeway/delivery';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from '../database.ts';
import { fenced, fencedStatement, itemRows } from './fenced.ts';
import { type FencedWrite, fencedInGroups } from './fenced-groups.ts';

type UploadJournal = Pick<
  RunJournal,
  | 'openUpload'
  | 'recordPart'
  | 'sealUpload'
  | 'keepFile'
  | 'dropUpload'
  | 'dropLeft'
  | 'uploadsOf'
  | 'completeUpload'
>;

/** The part of the journal that is about uploads. */
export function uploadJournal(db: Db): UploadJournal {
  const open = fencedInGroups(db, openings);
  const record = fencedInGroups(db, parts);
  const change = fencedInGroups(db, changes);
  const keep = fencedInGroups(db, keepings);
  const read = fencedInGroups(db, readings);
  return {
    async openUpload(lease, upload) {
      await open(lease, upload);
    },
    async recordPart(lease, uploadId, part) {
      await record(lease, { uploadId, part });
    },
    async sealUpload(lease, uploadId, sealed) {
      await change(lease, { uploadId, state: 'sealed', ...sealed });
    },
    async keepFile(lease, file) {
      await keep(lease, file);
    },
    async completeUpload(lease, uploadId, etag) {
      await change(lease, { uploadId, state: 'completed', etag });
    },
    dropUpload: (lease, uploadId) =>
      fenced(db, lease, async (trx) => {
        await trx
          .deleteFrom('uploads')
          .where('run_id', '=', lease.runId)
          .where('upload_id', '=', uploadId)
          .execute();
      }),
    dropLeft: (lease, uploads) =>
      fenced(db, lease, async (trx) => {
        const runIds = uploads.map(({ runId }) => runId);
        const uploadIds = uploads.map(({ uploadId }) => uploadId);
        await sql`
          delete from causeway.uploads
          using unnest(${runIds}::text[], ${uploadIds}::text[]) as dropped (run_id, upload_id)
          where uploads.run_id = dropped.run_id and uploads.upload_id = dropped.upload_id
            and uploads.state <> 'completed'
        `.execute(trx);
      }),
    // Who has lost the lease must not abort what its follower has begun.
    uploadsOf: (lease, customerId) => read(lease, customerId),
  };
}

interface OfUpload {
  readonly uploadId: string;
}

const missing = ({ uploadId }: OfUpload) =>
  new Error(`Cannot find upload "${uploadId}" in the journal`);

const openings: FencedWrite<OpenUpload, true> = {
  keyOf: ({ uploadId }) => uploadId,
  missing,
  async write(db, lease, items) {
    const written = sql`
      written as (
        insert into causeway.uploads
          (run_id, upload_id, customer_id, kind, file_index, key, token, state)
        select held.id, item."uploadId", item."customerId", item.kind, item."fileIndex", item.key,
          item.token, 'open'
        from held, ${itemRows(items, openColumns)}
        returning upload_id
      )
    `;
    return byUpload(await fencedStatement(db, lease, written));
  },
};

const openColumns = `"uploadId" text, "customerId" causeway.id, kind text, "fileIndex" integer,
  key text, token text`;

/** Small files, of which each has all its bytes here: in JSON as base64. */
const keepings: FencedWrite<KeptFile, true> = {
  keyOf: ({ token }) => token,
  missing: ({ token }) => missing({ uploadId: token }),
  async write(db, lease, items) {
    const rows = items.map(({ body, ...file }) => ({ ...file, body: body.toString('base64') }));
    const written = sql`
      written as (
        insert into causeway.uploads
          (run_id, upload_id, customer_id, kind, file_index, key, token, state, rows, bytes,
          uploaded_bytes, sha256, body)
        select held.id, item.token, item."customerId", item.kind, item."fileIndex", item.key,
          item.token, 'sealed', item.rows, item.bytes, item.bytes, item.sha256,
          decode(item.body, 'base64')
        from held, ${itemRows(rows, keptColumns)}
        returning upload_id
      )
    `;
    return byUpload(await fencedStatement(db, lease, written));
  },
};

const keptColumns = `token text, "customerId" causeway.id, kind text, "fileIndex" integer, key text,
  rows bigint, bytes bigint, sha256 text, body text`;

interface SentPart extends OfUpload {
  readonly part: JournaledUpload['parts'][number];
}

/** A part that is sent again replaces the one before: `earlier` is what was there before this statement. */
const parts: FencedWrite<SentPart, true> = {
  keyOf: ({ uploadId, part }) => `${part.partNumber} of ${uploadId}`,
  missing,
  async write(db, lease, items) {
    const rows = items.map(({ uploadId, part }) => ({ uploadId, ...part }));
    const written = sql`
      sent as (
        select held.id as run_id, item."uploadId" as upload_id, item."partNumber" as part_number,
          item.etag, item.bytes, item.crc32
        from held, ${itemRows(rows, partColumns)}
      ),
      part as (
        insert into causeway.upload_parts (run_id, upload_id, part_number, etag, bytes, crc32)
        select run_id, upload_id, part_number, etag, bytes, crc32 from sent
        on conflict (run_id, upload_id, part_number) do update
          set etag = excluded.etag, bytes = excluded.bytes, crc32 = excluded.crc32
      ),
      added as (
        select run_id, upload_id, sum(sent.bytes - coalesce(earlier.bytes, 0))::bigint as bytes
        from sent left join causeway.upload_parts as earlier using (run_id, upload_id, part_number)
        group by run_id, upload_id
      ),
      written as (
        update causeway.uploads as upload set uploaded_bytes = uploaded_bytes + added.bytes
        from added where upload.run_id = added.run_id and upload.upload_id = added.upload_id
        returning upload.upload_id
      )
    `;
    const found = byUpload(await fencedStatement(db, lease, written));
    const kept = items.filter(({ uploadId }) => found.has(uploadId));
    return new Map(kept.map((item) => [parts.keyOf(item), true]));
  },
};

const partColumns = '"uploadId" text, "partNumber" integer, etag text, bytes bigint, crc32 text';

type Upload = Selectable<Database['uploads']>;

type UploadChange = OfUpload &
  Pick<Upload, 'state'> &
  Partial<Pick<Upload, 'rows' | 'bytes' | 'sha256' | 'etag'>>;

const changes: FencedWrite<UploadChange, true> = {
  keyOf: ({ uploadId }) => uploadId,
  missing,
  async write(db, lease, items) {
    const written = sql`
      written as (
        update causeway.uploads as upload set state = item.state,
          rows = coalesce(item.rows, upload.rows), bytes = coalesce(item.bytes, upload.bytes),
          sha256 = coalesce(item.sha256, upload.sha256), etag = coalesce(item.etag, upload.etag),
          -- What was kept of it is sent.
          body = case when item.state = 'completed' then null else body end
        from held, ${itemRows(items, changeColumns)}
        where upload.run_id = held.id and upload.upload_id = item."uploadId"
        returning upload.upload_id
      )
    `;
    return byUpload(await fencedStatement(db, lease, written));
  },
};

const changeColumns = `"uploadId" text, state text, rows bigint, bytes bigint, sha256 text,
  etag text`;

function byUpload(rows: readonly { readonly upload_id: string }[]): ReadonlyMap<string, true> {
  return new Map(rows.map(({ upload_id }) => [upload_id, true]));
}

type UploadRow = Upload & Pick<JournaledUpload, 'parts'>;

/** The uploads of customers. */
const readings: FencedWrite<string, readonly JournaledUpload[]> = {
  keyOf: (customerId) => customerId,
  missing: (customerId) => new Error(`Cannot read the uploads of "${customerId}"`),
  async write(db, lease, customerIds) {
    const written = sql`
      written as (
        select upload.*, (
          select coalesce(json_agg(json_build_object('partNumber', part_number, 'etag', etag,
            'bytes', bytes, 'crc32', crc32) order by part_number), '[]'::json)
          from causeway.upload_parts as part
          where part.run_id = upload.run_id and part.upload_id = upload.upload_id
        ) as parts
        from held join causeway.uploads as upload on upload.run_id = held.id
        where upload.customer_id = any(${customerIds}::text[])
      )
    `;
    const rows = await fencedStatement<UploadRow>(db, lease, written);
    const byCustomer = Map.groupBy(rows, ({ customer_id }) => customer_id);
    return new Map(
      customerIds.map((customerId) => [
        customerId,
        inOrder(byCustomer.get(customerId) ?? []).map(toUpload),
      ]),
    );
  },
};

function inOrder(rows: readonly UploadRow[]): readonly UploadRow[] {
  return rows.toSorted(
    (a, b) => Number(a.kind > b.kind) - Number(a.kind < b.kind) || a.file_index - b.file_index,
  );
}

function toUpload(row: UploadRow): JournaledUpload {
  return {
    customerId: row.customer_id,
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
  };
}
