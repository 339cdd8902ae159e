import { CausewayError, type Connection } from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { toConnection } from './connection-row.ts';
import type { Database, Db } from './database.ts';
import { now, secondsFromNow } from './timestamps.ts';

/** How long a process may have a check in hand before another takes it for dead. */
const checkHoldSeconds = 300;

/** A connection about to be used, and what is to be done first. */
export interface Freshness {
  /**
   * - `fresh`: its last check is young enough.
   * - `taken`: the caller checks it, and ends that by `saveCheck` or by {@link CheckSchedule.giveBack}.
   * - `underway`: somebody else is checking it.
   */
  readonly state: 'fresh' | 'taken' | 'underway';
  readonly connection: Connection;
}

/**
 * Who checks which connection when. A check in hand is held in the database, so that
 * of all processes one makes it; a hold runs out by itself when its process has died.
 */
export interface CheckSchedule {
  /** Takes connections whose time has come, the most overdue first. */
  takeDue(limit: number): Promise<Connection[]>;
  /**
   * Takes a connection unless it was checked within these seconds.
   *
   * @throws CausewayError `not_found`.
   */
  takeStale(id: string, olderThanSeconds: number): Promise<Freshness>;
  /** Ends a check that found nothing out; the next is due in so many seconds. */
  giveBack(id: string, retryInSeconds: number): Promise<void>;
}

/** Nobody has its check in hand. */
const isFree = sql<boolean>`coalesce(check_taken_until < clock_timestamp(), true)`;

const heldUntil = secondsFromNow(checkHoldSeconds);

export function checkSchedule(db: Db): CheckSchedule {
  return {
    async takeDue(limit) {
      const rows = await db
        .updateTable('connections')
        .set({ check_taken_until: heldUntil })
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('connections')
            .select('id')
            .where('next_check_at', '<=', now)
            .where('status', '!=', 'paused')
            .where('bucket', 'is not', null)
            .where(isFree)
            .orderBy('next_check_at')
            .limit(limit)
            .forUpdate()
            .skipLocked(),
        )
        .returningAll()
        .execute();
      return rows.map(toConnection);
    },
    async takeStale(id, olderThanSeconds) {
      const taken = await db
        .updateTable('connections')
        .set({ check_taken_until: heldUntil })
        .where('id', '=', id)
        .where(isFree)
        .where(isOlderThan(olderThanSeconds))
        .returningAll()
        .executeTakeFirst();
      if (taken) return { state: 'taken', connection: toConnection(taken) };
      const { is_stale, ...row } = await read(db, id, olderThanSeconds);
      return { state: is_stale ? 'underway' : 'fresh', connection: toConnection(row) };
    },
    async giveBack(id, retryInSeconds) {
      await db
        .updateTable('connections')
        .set({
          check_taken_until: null,
          next_check_at: secondsFromNow(retryInSeconds),
        })
        .where('id', '=', id)
        .execute();
    },
  };
}

function isOlderThan(seconds: number) {
  return sql<boolean>`
    coalesce(last_checked_at < clock_timestamp() - make_interval(secs => ${seconds}), true)
  `;
}

async function read(
  db: Db,
  id: string,
  olderThanSeconds: number,
): Promise<Selectable<Database['connections']> & { readonly is_stale: boolean }> {
  const row = await db
    .selectFrom('connections')
    .selectAll()
    .select(isOlderThan(olderThanSeconds).as('is_stale'))
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new CausewayError('not_found', { kind: 'connection', id });
  return row;
}
