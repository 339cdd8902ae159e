import { CausewayError, type Connection } from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from '../database.ts';
import { inGroups } from '../in-groups.ts';
import { now, secondsFromNow } from '../timestamps.ts';
import { toConnection } from './connection-row.ts';

/** How long a process that says nothing has a check in hand, until another takes it for dead. */
export const checkHoldSeconds = 15;

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
  /** Says that a check in hand goes on: to be told well within {@link checkHoldSeconds}. */
  prolong(id: string): Promise<void>;
  /** Ends a check that found nothing out; the next is due in so many seconds. */
  giveBack(id: string, retryInSeconds: number): Promise<void>;
}

/** Nobody has its check in hand. */
const isFree = sql<boolean>`coalesce(check_taken_until < clock_timestamp(), true)`;

const heldUntil = secondsFromNow(checkHoldSeconds);

/** What a run looks up together: it asks for all its customers at once. */
const mostTogether = 100;

export function checkSchedule(db: Db): CheckSchedule {
  const read = inGroups<string, CheckedRow>((ids) => readAll(db, ids), mostTogether);
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
      const before = await read(id);
      if (!isStale(before, olderThanSeconds)) return freshness('fresh', before);
      const taken = await db
        .updateTable('connections')
        .set({ check_taken_until: heldUntil })
        .where('id', '=', id)
        .where(isFree)
        .where(isOlderThan(olderThanSeconds))
        .returningAll()
        .executeTakeFirst();
      if (taken) return { state: 'taken', connection: toConnection(taken) };
      const after = await read(id);
      return freshness(isStale(after, olderThanSeconds) ? 'underway' : 'fresh', after);
    },
    async prolong(id) {
      await db
        .updateTable('connections')
        .set({ check_taken_until: heldUntil })
        .where('id', '=', id)
        // What has ended meanwhile stays free.
        .where('check_taken_until', 'is not', null)
        .execute();
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

type CheckedRow = Selectable<Database['connections']> & {
  /** How long ago it was checked, in seconds. */
  readonly check_age: number | null;
};

function isStale({ check_age: age }: CheckedRow, olderThanSeconds: number): boolean {
  return age === null || age > olderThanSeconds;
}

function freshness(state: 'fresh' | 'underway', { check_age: _, ...row }: CheckedRow): Freshness {
  return { state, connection: toConnection(row) };
}

async function readAll(
  db: Db,
  ids: readonly string[],
): Promise<readonly (CheckedRow | CausewayError)[]> {
  const rows = await db
    .selectFrom('connections')
    .selectAll()
    .select(
      sql<
        number | null
      >`extract(epoch from clock_timestamp() - last_checked_at)::double precision`.as('check_age'),
    )
    .where('id', 'in', ids)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map(
    (id) => byId.get(id) ?? new CausewayError('not_found', { kind: 'connection', id }),
  );
}
