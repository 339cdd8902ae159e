import type { Lease } from '@causeway/delivery';
import pg from 'pg';
import type { Db } from '../database.ts';
import { inGroups } from '../in-groups.ts';

/** A write that many do at once under one lease, as recipients of a run do. */
export interface FencedWrite<T, R> {
  /** What it is about: no statement has two about the same. */
  keyOf(item: T): string;
  /**
   * Does all in one statement. Gives a result for each that was found, by key.
   *
   * @throws LeaseLostError
   */
  write(db: Db, lease: Lease, items: readonly T[]): Promise<ReadonlyMap<string, R>>;
  /** Why there is no result for an item. */
  missing(item: T, lease: Lease): Error;
}

/** Bounds what a statement holds: of manifests and lists of parts some are megabytes. */
const largestGroup = 64;
/** Little beside a request to a bucket, and enough for a few more to come. */
const gatherMs = 5;

/**
 * Does writes that are asked for while one is under way together, in one statement: a run to
 * hundreds of customers does the same for each of them, and a transaction for each would cost
 * more than what they are sent. None resolves before it is kept.
 */
export function fencedInGroups<T, R>(
  db: Db,
  fencedWrite: FencedWrite<T, R>,
): (lease: Lease, item: T) => Promise<R> {
  const groups = new WeakMap<Lease, (item: T) => Promise<R>>();
  return (lease, item) => {
    let write = groups.get(lease);
    if (!write) {
      write = inGroups<T, R>(
        (items) => writeAll(db, lease, items, fencedWrite),
        largestGroup,
        gatherMs,
      );
      groups.set(lease, write);
    }
    return write(item);
  };
}

/** What the database refuses of a group it refuses as a whole: then each is done by itself. */
async function writeAll<T, R>(
  db: Db,
  lease: Lease,
  items: readonly T[],
  fencedWrite: FencedWrite<T, R>,
): Promise<readonly (R | Error)[]> {
  const { keyOf } = fencedWrite;
  const isOneEach = new Set(items.map(keyOf)).size === items.length;
  if (isOneEach) {
    try {
      return await writeTogether(db, lease, items, fencedWrite);
    } catch (error) {
      if (items.length === 1 || !(error instanceof pg.DatabaseError)) throw error;
    }
  }
  return writeOneByOne(db, lease, items, fencedWrite);
}

async function writeOneByOne<T, R>(
  db: Db,
  lease: Lease,
  items: readonly T[],
  fencedWrite: FencedWrite<T, R>,
): Promise<readonly (R | Error)[]> {
  const results: (R | Error)[] = [];
  for (const item of items) {
    try {
      results.push(...(await writeTogether(db, lease, [item], fencedWrite)));
    } catch (error) {
      if (error instanceof pg.DatabaseError) {
        results.push(error);
        continue;
      }
      // Without the lease, or the database, nothing goes on.
      const end = error instanceof Error ? error : new Error(String(error));
      return items.map((_, index) => results[index] ?? end);
    }
  }
  return results;
}

async function writeTogether<T, R>(
  db: Db,
  lease: Lease,
  items: readonly T[],
  { keyOf, write, missing }: FencedWrite<T, R>,
): Promise<readonly (R | Error)[]> {
  const results = await write(db, lease, items);
  return items.map((item) => results.get(keyOf(item)) ?? missing(item, lease));
}
