import type { Lease, ReplacedFile, RunJournal } from '@causeway/delivery';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { fenced } from './fenced.ts';

/** The part of the journal that is about files which a later run replaces. */
export function replacedJournal(db: Db): Pick<RunJournal, 'replacedFiles' | 'recordRemoved'> {
  return {
    replacedFiles: (lease, customerId) =>
      fenced(db, lease, (trx) => replacedFiles(trx, lease, customerId)),
    recordRemoved: (lease, files) =>
      fenced(db, lease, async (trx) => {
        const runIds = files.map(({ runId }) => runId);
        const uploadIds = files.map(({ uploadId }) => uploadId);
        await sql`
          update causeway.uploads set removed_at = clock_timestamp()
          from unnest(${runIds}::text[], ${uploadIds}::text[]) as removed (run_id, upload_id)
          where uploads.run_id = removed.run_id and uploads.upload_id = removed.upload_id
        `.execute(trx);
      }),
  };
}

/**
 * Those of runs that failed in their commit, too: they are visible and belong to no delivery.
 * Of a delivery and a customer no other run is under way.
 */
async function replacedFiles(
  trx: Db,
  { runId }: Lease,
  customerId: string,
): Promise<readonly ReplacedFile[]> {
  const { rows } = await sql<ReplacedFile>`
    select file.run_id as "runId", file.upload_id as "uploadId", file.key
    from causeway.run_recipients as current
    join causeway.run_recipients as earlier on earlier.delivery_id = current.delivery_id
      and earlier.customer_id = current.customer_id and earlier.run_id <> current.run_id
      and earlier.connection_id = current.connection_id
    join causeway.uploads as file on file.run_id = earlier.run_id
      and file.customer_id = earlier.customer_id
    where current.run_id = ${runId} and current.customer_id = ${customerId}
      and file.kind = 'data' and file.state = 'completed' and file.removed_at is null
    order by file.run_id, file.file_index
  `.execute(trx);
  return rows;
}
