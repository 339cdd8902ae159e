import { CausewayError } from '@causeway/contract';
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { type Db, schemaName } from './database.ts';
import { up as initial } from './migrations/0001-initial.ts';
import { up as accessMethods } from './migrations/0002-access-methods.ts';
import { up as secrets } from './migrations/0003-secrets.ts';
import { up as issuerKeys } from './migrations/0004-issuer-keys.ts';
import { up as setupLinksAndEvents } from './migrations/0005-setup-links-and-events.ts';
import { up as health } from './migrations/0006-health.ts';
import { up as deliveryTerms } from './migrations/0008-delivery-terms.ts';
import { up as eventChain } from './migrations/0009-event-chain.ts';
import { up as rulesSchedulesAndShares } from './migrations/0014-rules-schedules-and-shares.ts';
import { up as pushedRecords } from './migrations/0016-pushed-records.ts';
import { up as webhooks } from './migrations/0018-webhooks.ts';
import { up as runPhases } from './migrations/0019-run-phases.ts';
import { up as cancelAndRetry } from './migrations/0020-cancel-and-retry.ts';
import { up as evolvingSchemas } from './migrations/0021-evolving-schemas.ts';
import { up as deletions } from './migrations/0022-deletions.ts';
import { up as overwriting } from './migrations/0023-overwriting.ts';
import { up as requestsAndReceipts } from './migrations/0024-requests-and-receipts.ts';
import { up as sentRows } from './migrations/0025-sent-rows.ts';
import { up as pushedBatches } from './migrations/0026-pushed-batches.ts';
import { up as forgottenKeys } from './migrations/0027-forgotten-keys.ts';
import { up as partedPushes } from './migrations/0028-parted-pushes.ts';
import { up as smallFiles } from './migrations/0029-small-files.ts';
import { up as runsByCustomer } from './migrations/0030-runs-by-customer.ts';

/** In this order for ever: one that was released is never changed or taken out. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': { up: initial },
  '0002-access-methods': { up: accessMethods },
  '0003-secrets': { up: secrets },
  '0004-issuer-keys': { up: issuerKeys },
  '0005-setup-links-and-events': { up: setupLinksAndEvents },
  '0006-health': { up: health },
  '0008-delivery-terms': { up: deliveryTerms },
  '0009-event-chain': { up: eventChain },
  '0014-rules-schedules-and-shares': { up: rulesSchedulesAndShares },
  '0016-pushed-records': { up: pushedRecords },
  '0018-webhooks': { up: webhooks },
  '0019-run-phases': { up: runPhases },
  '0020-cancel-and-retry': { up: cancelAndRetry },
  '0021-evolving-schemas': { up: evolvingSchemas },
  '0022-deletions': { up: deletions },
  '0023-overwriting': { up: overwriting },
  '0024-requests-and-receipts': { up: requestsAndReceipts },
  '0025-sent-rows': { up: sentRows },
  '0026-pushed-batches': { up: pushedBatches },
  '0027-forgotten-keys': { up: forgottenKeys },
  '0028-parted-pushes': { up: partedPushes },
  '0029-small-files': { up: smallFiles },
  '0030-runs-by-customer': { up: runsByCustomer },
};

const migrationTable = 'migrations';
const oldestPostgres = 15;

/**
 * Brings our tables up to date. Safe when several processes start at once: the
 * others wait for the first. All in one transaction, so a failure changes nothing.
 *
 * @throws CausewayError `database_incompatible` when PostgreSQL is too old, or when
 * a newer Causeway has migrated the database.
 */
export async function migrate(db: Db): Promise<void> {
  await refuseOldPostgres(db);
  const applied = await appliedMigrations(db);
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    const reason = `it has the migration "${unknown.at(-1)}", which this version does not know`;
    throw new CausewayError('database_incompatible', { reason });
  }
  if (applied.length === Object.keys(migrations).length) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: schemaName,
    migrationTableName: migrationTable,
    migrationLockTableName: 'migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function refuseOldPostgres(db: Db): Promise<void> {
  const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db);
  const version = rows[0]?.server_version ?? '';
  if (Number.parseInt(version, 10) >= oldestPostgres) return;
  throw new CausewayError('database_incompatible', { reason: `it is PostgreSQL ${version}` });
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const table = `${schemaName}.${migrationTable}`;
  const found = await sql<{
    oid: string | null;
  }>`select to_regclass(${table})::text as oid`.execute(db);
  if (!found.rows[0]?.oid) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}
