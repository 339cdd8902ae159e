import {
  CausewayError,
  type CheckReport,
  type Connection,
  type ConnectionStatus,
  formatLocation,
  type Page,
} from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { type Database, type Db, inTransaction } from './database.ts';
import { type PageRequest, pageStart, toPage } from './page.ts';

export interface Connections {
  /**
   * @throws CausewayError `not_found` (the customer); `location_overlaps` with any other
   * connection; `conflict` when another customer uses the role.
   */
  insert(connection: Connection): Promise<Connection>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Connection>;
  /** Newest first. */
  list(
    request: PageRequest & { readonly customerId?: string | undefined },
  ): Promise<Page<Connection>>;
  /**
   * Keeps the report of a check and what follows from it, unless a check made later
   * was kept already. A region that was not found leaves the one known.
   *
   * @throws CausewayError `not_found`.
   */
  saveCheck(
    id: string,
    report: CheckReport,
    status: ConnectionStatus,
    region: string | null,
  ): Promise<Connection>;
}

/** Advisory locks are numbers; the first says what the second is the hash of. */
const bucketLock = 0x63_77_01;
const roleLock = 0x63_77_02;

export function connections(db: Db): Connections {
  return {
    insert: (connection) =>
      inTransaction(db, async (trx) => {
        await requireCustomer(trx, connection.customerId);
        // Always in this order, so that two inserts cannot wait for each other.
        await lock(trx, bucketLock, connection.bucket);
        await lock(trx, roleLock, connection.roleArn);
        await refuseOverlap(trx, connection);
        await refuseForeignRole(trx, connection);
        const insert = trx.insertInto('connections').values(toRow(connection));
        return toConnection(await insert.returningAll().executeTakeFirstOrThrow());
      }),
    async get(id) {
      const query = db.selectFrom('connections').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      if (!row) throw new CausewayError('not_found', { kind: 'connection', id });
      return toConnection(row);
    },
    async list(request) {
      const after = pageStart('connection', request);
      let query = db.selectFrom('connections').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      if (request.customerId !== undefined) {
        query = query.where('customer_id', '=', request.customerId);
      }
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toConnection), request.limit);
    },
    async saveCheck(id, report, status, region) {
      const row = await db
        .updateTable('connections')
        .set({
          status,
          last_check: JSON.stringify(report),
          last_checked_at: report.checkedAt,
          ...(region === null ? {} : { region }),
        })
        .where('id', '=', id)
        .where((eb) =>
          eb.or([eb('last_checked_at', 'is', null), eb('last_checked_at', '<=', report.checkedAt)]),
        )
        .returningAll()
        .executeTakeFirst();
      return row ? toConnection(row) : connections(db).get(id);
    },
  };
}

function lock(trx: Db, kind: number, value: string) {
  return sql`select pg_advisory_xact_lock(${kind}, hashtext(${value}))`.execute(trx);
}

async function requireCustomer(trx: Db, id: string): Promise<void> {
  const query = trx.selectFrom('customers').select('id').where('id', '=', id);
  if (await query.executeTakeFirst()) return;
  throw new CausewayError('not_found', { kind: 'customer', id });
}

async function refuseOverlap(trx: Db, connection: Connection): Promise<void> {
  const { bucket, prefix } = connection;
  const query = trx
    .selectFrom('connections')
    .select('id')
    .where('bucket', '=', bucket)
    .where(sql<boolean>`(starts_with(prefix, ${prefix}) or starts_with(${prefix}, prefix))`);
  if (!(await query.executeTakeFirst())) return;
  throw new CausewayError('location_overlaps', { location: formatLocation(connection) });
}

/** One role for two customers would let the one's setup reach the other's data. */
async function refuseForeignRole(trx: Db, connection: Connection): Promise<void> {
  const query = trx
    .selectFrom('connections')
    .select('id')
    .where('role_arn', '=', connection.roleArn)
    .where('customer_id', '!=', connection.customerId);
  if (!(await query.executeTakeFirst())) return;
  const details = { kind: 'connection', field: 'roleArn', value: connection.roleArn };
  throw new CausewayError('conflict', details);
}

function toRow(connection: Connection) {
  const { lastCheck } = connection;
  return {
    id: connection.id,
    customer_id: connection.customerId,
    access: connection.access,
    capabilities: connection.capabilities,
    bucket: connection.bucket,
    prefix: connection.prefix,
    region: connection.region,
    account_id: connection.accountId,
    external_id: connection.externalId,
    role_name: connection.roleName,
    role_arn: connection.roleArn,
    status: connection.status,
    last_check: lastCheck === null ? null : JSON.stringify(lastCheck),
    last_checked_at: lastCheck?.checkedAt ?? null,
    created_at: connection.createdAt,
  };
}

function toConnection(row: Selectable<Database['connections']>): Connection {
  return {
    id: row.id,
    customerId: row.customer_id,
    access: row.access,
    capabilities: row.capabilities,
    bucket: row.bucket,
    prefix: row.prefix,
    region: row.region,
    accountId: row.account_id,
    externalId: row.external_id,
    roleName: row.role_name,
    roleArn: row.role_arn,
    status: row.status,
    lastCheck: row.last_check,
    createdAt: row.created_at,
  };
}
