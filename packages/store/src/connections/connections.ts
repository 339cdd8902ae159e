import {
  type Access,
  type Actor,
  CausewayError,
  type CheckReport,
  type Connection,
  type ConnectionStatus,
  formatLocation,
  type Owner,
  type Page,
  type PlacedConnection,
} from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { recordEvents } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { now, secondsFromNow } from '../timestamps.ts';
import {
  adviceEvents,
  causeOf,
  changeEvents,
  checkEvents,
  creationEvent,
} from './connection-events.ts';
import { connectionRow, toConnection } from './connection-row.ts';

/** Every change is told of by events, which name the actor that the records belong to. */
export interface Connections {
  /**
   * The first connection of a customer becomes its default.
   *
   * @throws CausewayError `not_found` (the customer); `location_overlaps` with another
   * connection of the customer; `not_verifiable` when another customer has the place or the role.
   */
  insert(connection: Connection): Promise<Connection>;
  /**
   * Changes a connection, with nobody else changing it meanwhile. What is made the
   * default takes that from the customer's other ones.
   *
   * @throws CausewayError as {@link insert}, or what `change` throws.
   */
  update(id: string, change: (connection: Connection) => Connection): Promise<Connection>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Connection>;
  /** Whether there is any connection by one of these access methods. */
  anyBy(accesses: readonly Access[]): Promise<boolean>;
  /** Whether any of these customers has a connection that is active. */
  anyActiveOf(customerIds: readonly string[]): Promise<boolean>;
  /** Newest first. */
  list(
    request: PageRequest & {
      readonly customerId?: string | undefined;
      readonly owner?: Owner | undefined;
    },
  ): Promise<Page<Connection>>;
  /**
   * Keeps the report of a check and what follows from it, unless a check made later
   * was kept already, or the connection was led elsewhere since: what was proved of
   * another place, account or key says nothing. A region that was not found leaves the one known.
   *
   * `conclude` is given the connection as it is now, which nobody changes meanwhile.
   *
   * @throws CausewayError `not_found`.
   */
  saveCheck(
    checked: Connection,
    report: CheckReport,
    conclude: (before: Connection) => CheckConclusion,
  ): Promise<Connection>;
}

/** What follows from a check. */
export interface CheckConclusion {
  readonly status: ConnectionStatus;
  /** Null: it is not checked again by itself. */
  readonly nextCheckInSeconds: number | null;
  /** What is worth an event of its own, though nothing is broken. */
  readonly advice?: readonly { readonly step: string; readonly direction: string }[];
}

/** Those of buckets that the operator owns. */
const managedAccesses = ['bucket_policy', 'operator_role'] as const;

/** Advisory locks are numbers; the first says what the second is the hash of. */
const bucketLock = 0x63_77_01;
const roleLock = 0x63_77_02;

export function connections(db: Db, actor: Actor): Connections {
  return {
    insert: (connection) =>
      inTransaction(db, async (trx) => {
        const isFirst = await requireCustomer(trx, connection.customerId);
        await refuseTaken(trx, connection);
        const row = connectionRow({ ...connection, isDefault: isFirst });
        const insert = trx.insertInto('connections').values(row);
        const made = toConnection(await insert.returningAll().executeTakeFirstOrThrow());
        await recordEvents(trx, [creationEvent(made, actor)]);
        return made;
      }),
    update: (id, change) =>
      inTransaction(db, async (trx) => {
        const before = await readForUpdate(trx, id);
        const changed = change(before);
        await refuseTaken(trx, changed);
        if (changed.isDefault && !before.isDefault) await takeDefault(trx, changed.customerId);
        const update = trx.updateTable('connections').set({
          ...connectionRow(changed),
          ...(changed.status !== before.status && scheduleAfter(before, changed)),
        });
        const written = update.where('id', '=', id).returningAll();
        const after = toConnection(await written.executeTakeFirstOrThrow());
        await recordEvents(trx, changeEvents(before, after, actor));
        return after;
      }),
    async get(id) {
      const query = db.selectFrom('connections').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      if (!row) throw new CausewayError('not_found', { kind: 'connection', id });
      return toConnection(row);
    },
    async anyBy(accesses) {
      const query = db.selectFrom('connections').select('id').where('access', 'in', accesses);
      return (await query.limit(1).executeTakeFirst()) !== undefined;
    },
    async anyActiveOf(customerIds) {
      const query = db
        .selectFrom('connections')
        .select('id')
        .where('status', '=', 'active')
        // As one array: ten thousand parameters would near the protocol's limit.
        .where(sql<boolean>`customer_id = any(${customerIds}::text[])`);
      return (await query.limit(1).executeTakeFirst()) !== undefined;
    },
    async list(request) {
      const after = pageStart('connection', request);
      let query = db.selectFrom('connections').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      if (request.customerId !== undefined) {
        query = query.where('customer_id', '=', request.customerId);
      }
      if (request.owner !== undefined) {
        const managed = request.owner === 'operator';
        query = query.where('access', managed ? 'in' : 'not in', managedAccesses);
      }
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toConnection), request.limit);
    },
    saveCheck: (checked, report, conclude) =>
      inTransaction(db, async (trx) => {
        const before = await readForUpdate(trx, checked.id);
        const isLate = (before.lastCheck?.checkedAt ?? '') > report.checkedAt;
        if (isLate || !isSamePlace(before, checked)) {
          // Whoever had the check in hand is done with it.
          const free = trx.updateTable('connections').set({ check_taken_until: null });
          await free.where('id', '=', checked.id).execute();
          return before;
        }
        const { status, nextCheckInSeconds, advice = [] } = conclude(before);
        const update = trx.updateTable('connections').set({
          status,
          last_check: JSON.stringify(report),
          last_checked_at: report.checkedAt,
          next_check_at: nextCheckInSeconds === null ? null : secondsFromNow(nextCheckInSeconds),
          check_taken_until: null,
          ...(report.region !== undefined && { region: report.region }),
          ...(status !== before.status && { status_since: now }),
        });
        const written = update.where('id', '=', checked.id).returningAll();
        const after = toConnection(await written.executeTakeFirstOrThrow());
        await recordEvents(trx, [
          ...checkEvents(before, report, actor),
          ...adviceEvents(after, advice, actor),
          ...changeEvents(before, after, actor, causeOf(report)),
        ]);
        return after;
      }),
  };
}

/** What a person resumed is checked at once; what was changed waits until a person asks. */
function scheduleAfter({ status }: Connection, changed: Connection) {
  const isResumed = status === 'paused' && changed.bucket !== null && changed.lastCheck !== null;
  return { status_since: now, next_check_at: isResumed ? now : null };
}

async function readForUpdate(trx: Db, id: string): Promise<Connection> {
  const query = trx.selectFrom('connections').selectAll().where('id', '=', id);
  const row = await query.forUpdate().executeTakeFirst();
  if (!row) throw new CausewayError('not_found', { kind: 'connection', id });
  return toConnection(row);
}

/** Whether a report on the one is a report on the other: of the same place, and the same ways to write there. */
function isSamePlace(one: Connection, other: Connection): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(connection: Connection): string {
  const { access, bucket, prefix, accountId } = connection;
  return JSON.stringify([
    [access, bucket, prefix, accountId],
    'roleArn' in connection ? connection.roleArn : null,
    'issuer' in connection ? [connection.issuer, connection.audience] : null,
    'endpoint' in connection ? connection.endpoint : null,
    'accessKeys' in connection ? connection.accessKeys.find(({ current }) => current)?.id : null,
    'writeOptions' in connection ? connection.writeOptions : null,
    'receipts' in connection ? connection.receipts : null,
  ]);
}

function lock(trx: Db, kind: number, value: string) {
  return sql`select pg_advisory_xact_lock(${kind}, hashtext(${value}))`.execute(trx);
}

/** Whether the customer has no connection yet. Two at once wait for each other. */
async function requireCustomer(trx: Db, id: string): Promise<boolean> {
  const customer = trx.selectFrom('customers').select('id').where('id', '=', id).forUpdate();
  if (!(await customer.executeTakeFirst())) {
    throw new CausewayError('not_found', { kind: 'customer', id });
  }
  const query = trx.selectFrom('connections').select('id').where('customer_id', '=', id);
  return (await query.limit(1).executeTakeFirst()) === undefined;
}

async function takeDefault(trx: Db, customerId: string): Promise<void> {
  const query = trx.updateTable('connections').set({ is_default: false });
  await query.where('customer_id', '=', customerId).where('is_default', '=', true).execute();
}

/** Whether its place and its role are its own. */
async function refuseTaken(trx: Db, connection: Connection): Promise<void> {
  const roleArn = 'roleArn' in connection ? connection.roleArn : null;
  // Always in this order, so that two cannot wait for each other.
  if (connection.bucket !== null) await lock(trx, bucketLock, connection.bucket);
  if (roleArn !== null) await lock(trx, roleLock, roleArn);
  if (connection.bucket !== null) {
    await refuseOverlap(trx, { ...connection, bucket: connection.bucket });
  }
  if (roleArn !== null) await refuseForeignRole(trx, connection, roleArn);
}

async function refuseOverlap(trx: Db, connection: PlacedConnection): Promise<void> {
  const { bucket, prefix } = connection;
  const query = trx
    .selectFrom('connections')
    .select('customer_id')
    .where('id', '!=', connection.id)
    .where('bucket', '=', bucket)
    // The same name at another store is another bucket.
    .where(sql<boolean>`details ->> 'endpoint' is not distinct from ${endpointOf(connection)}`)
    .where(sql<boolean>`(starts_with(prefix, ${prefix}) or starts_with(${prefix}, prefix))`);
  const others = await query.execute();
  if (others.length === 0) return;
  const location = formatLocation(connection);
  if (others.some(({ customer_id }) => customer_id !== connection.customerId)) {
    throw new CausewayError('not_verifiable', { found: location });
  }
  throw new CausewayError('location_overlaps', { location });
}

function endpointOf(connection: Connection): string | null {
  return connection.access === 'access_key' ? connection.endpoint : null;
}

/**
 * One role for two customers would let the one's setup reach the other's data. The
 * answer is that of a place which is another customer's: nobody shall find out here
 * who else is a customer.
 */
async function refuseForeignRole(trx: Db, connection: Connection, roleArn: string): Promise<void> {
  const query = trx
    .selectFrom('connections')
    .select('id')
    .where('role_arn', '=', roleArn)
    .where('customer_id', '!=', connection.customerId);
  if (!(await query.executeTakeFirst())) return;
  throw new CausewayError('not_verifiable', { found: roleArn });
}
