import { createHash } from 'node:crypto';
import type { ChainFault, ChainHead, EventChain } from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';

/**
 * A chain of hashes over all events: each link holds the hash of the link before and of one
 * event, so that none can be changed or taken out unseen, not even by whoever may do
 * everything in the database but does not know that somebody keeps a head.
 *
 * Events are linked a moment after they were written and not while they are: changes would
 * have to wait for each other else. So the order of links is that in which events were seen.
 */
export interface EventChainStore {
  /** Links what is not linked yet; the new head, or null when there was nothing to link. */
  extend(): Promise<ChainHead | null>;
  /** Goes over the whole chain. @param kept A head that somebody has kept. */
  verify(kept?: ChainHead): Promise<EventChain>;
}

/** Advisory locks are numbers; see `connections.ts` for the others. */
const chainLock = 0x63_77_05;
const pageSize = 1000;
const mostFaults = 100;
/** Transactions that are under way may yet show events with lower positions than those linked. */
const latecomers = 100_000;

type EventRow = Selectable<Database['events']>;

export function eventChain(db: Db): EventChainStore {
  return {
    extend: () =>
      inTransaction(db, async (trx) => {
        await sql`select pg_advisory_xact_lock(${chainLock})`.execute(trx);
        const last = await headOf(trx);
        let head = last ?? { number: 0, hash: start };
        const links: { number: number; event_id: string; hash: Buffer }[] = [];
        for (const row of await unlinked(trx).selectAll('events').limit(pageSize).execute()) {
          head = { number: head.number + 1, hash: hashOf(head.hash, row) };
          links.push({ ...head, event_id: row.id });
        }
        if (links.length === 0) return null;
        await trx.insertInto('event_links').values(links).execute();
        return shown(head);
      }),
    async verify(kept) {
      const faults: ChainFault[] = [];
      const add = (fault: ChainFault) => {
        if (faults.length < mostFaults) faults.push(fault);
      };
      let before: Link | null = null;
      let isKeptFound = kept === undefined;
      for (let page = await linksAfter(db, 0); page.length > 0; ) {
        for (const link of page) {
          for (const fault of faultsOf(link, before)) add(fault);
          isKeptFound ||= link.number === kept?.number && shown(link).hash === kept.hash;
          before = link;
        }
        page = await linksAfter(db, before?.number ?? 0);
      }
      if (kept && !isKeptFound) {
        add({ number: kept.number, eventId: null, fault: 'head_differs' });
      }
      const { waiting } = await unlinked(db)
        .clearOrderBy()
        .select(({ fn }) => fn.countAll<number>().as('waiting'))
        .executeTakeFirstOrThrow();
      const head = before && shown(before);
      return { intact: faults.length === 0, head, waiting: Number(waiting), faults };
    },
  };
}

const start = Buffer.alloc(32);

interface Link {
  readonly number: number;
  readonly hash: Buffer;
  readonly eventId: string;
  /** Null when it is gone. */
  readonly event: EventRow | null;
}

function shown({ number, hash }: { readonly number: number; readonly hash: Buffer }): ChainHead {
  return { number, hash: hash.toString('hex') };
}

/**
 * What is wrong at a link. The next is judged by what stands in this one, so that one change
 * is one fault.
 */
function faultsOf({ number, hash, eventId, event }: Link, before: Link | null): ChainFault[] {
  if (number !== (before?.number ?? 0) + 1) {
    return [{ number: number - 1, eventId: null, fault: 'link_missing' }];
  }
  if (event === null) return [{ number, eventId, fault: 'event_missing' }];
  if (hashOf(before?.hash ?? start, event).equals(hash)) return [];
  return [{ number, eventId, fault: 'event_changed' }];
}

/**
 * The fields by their order and not by their names, so that no name can be taken for another's value.
 * What events can be about besides came later: they stand at the end, where there are any.
 */
function hashOf(before: Buffer, event: EventRow): Buffer {
  const { id, position, type, at, before: was, after: is } = event;
  const about = [event.customer_id, event.connection_id, event.setup_link_id, event.cause];
  const by = [event.actor_type, event.actor_id];
  const later = [event.dataset_id, event.delivery_id, event.run_id, event.webhook_id];
  const subjects = later.some((each) => each !== null) ? later : [];
  const text = JSON.stringify([id, position, type, at, ...by, ...about, was, is, ...subjects]);
  return createHash('sha256').update(before).update(text).digest();
}

async function headOf(db: Db) {
  const query = db.selectFrom('event_links').select(['number', 'hash']).orderBy('number', 'desc');
  return query.limit(1).executeTakeFirst();
}

/** In the order in which they were written. */
function unlinked(db: Db) {
  const newest = db
    .selectFrom('event_links')
    .innerJoin('events', 'events.id', 'event_links.event_id')
    .select('events.position')
    .orderBy('event_links.number', 'desc')
    .limit(1);
  return db
    .selectFrom('events')
    .leftJoin('event_links', 'event_links.event_id', 'events.id')
    .where('event_links.number', 'is', null)
    .where('events.position', '>', sql<number>`coalesce((${newest}), 0) - ${latecomers}::bigint`)
    .orderBy('events.position');
}

async function linksAfter(db: Db, number: number): Promise<Link[]> {
  const links = await db
    .selectFrom('event_links')
    .selectAll()
    .where('number', '>', number)
    .orderBy('number')
    .limit(pageSize)
    .execute();
  if (links.length === 0) return [];
  const ids = links.map(({ event_id }) => event_id);
  const rows = await db.selectFrom('events').selectAll().where('id', 'in', ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return links.map(({ number, hash, event_id }) => ({
    number,
    hash,
    eventId: event_id,
    event: byId.get(event_id) ?? null,
  }));
}
