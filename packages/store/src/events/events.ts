import { type Actor, type Event, type EventQuery, newId, type Page } from '@causeway/contract';
import type { Selectable } from 'kysely';
import type { Database, Db } from '../database.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { tellWebhooks } from '../webhooks/webhook-outbox.ts';

export interface Events {
  /** Newest first. */
  list(request: PageRequest & EventQuery): Promise<Page<Event>>;
}

/** An event as it is told: what it is about, and what is different. */
export interface NewEvent extends Pick<Event, 'type'> {
  readonly actor: Actor;
  readonly customerId?: string | null;
  readonly connectionId?: string | null;
  readonly setupLinkId?: string | null;
  readonly datasetId?: string | null;
  readonly deliveryId?: string | null;
  readonly runId?: string | null;
  readonly webhookId?: string | null;
  readonly cause?: string | null;
  /** Nothing secret: events are shown. */
  readonly before?: object | null;
  readonly after?: object | null;
}

/**
 * Writes an event. Give it the transaction that makes the change, so that there is
 * never the one without the other: nor the messages to webhooks, which are put into the
 * outbox with it. The table takes no other change than this. Returns the event's id.
 */
export async function recordEvent(trx: Db, event: NewEvent): Promise<string> {
  const { before, after } = event;
  const row = {
    id: newId('event'),
    type: event.type,
    at: new Date().toISOString(),
    actor_type: event.actor.type,
    actor_id: event.actor.id,
    customer_id: event.customerId ?? null,
    connection_id: event.connectionId ?? null,
    setup_link_id: event.setupLinkId ?? null,
    dataset_id: event.datasetId ?? null,
    delivery_id: event.deliveryId ?? null,
    run_id: event.runId ?? null,
    webhook_id: event.webhookId ?? null,
    cause: event.cause ?? null,
    before: before ? JSON.stringify(before) : null,
    after: after ? JSON.stringify(after) : null,
  };
  await trx.insertInto('events').values(row).execute();
  await tellWebhooks(trx, row);
  return row.id;
}

/** Writes events in their order, see {@link recordEvent}. */
export async function recordEvents(trx: Db, told: readonly NewEvent[]): Promise<void> {
  for (const event of told) await recordEvent(trx, event);
}

export function events(db: Db): Events {
  return {
    async list(request) {
      const start = pageStart('event', request);
      let query = db.selectFrom('events').selectAll().orderBy('position', 'desc');
      if (start !== null) {
        const last = db.selectFrom('events').select('position').where('id', '=', start);
        query = query.where('position', '<', last);
      }
      for (const [column, value] of filtersOf(request)) {
        if (value !== undefined) query = query.where(column, '=', value);
      }
      if (request.since !== undefined) query = query.where('at', '>=', request.since);
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toEvent), request.limit);
    },
  };
}

function filtersOf(query: EventQuery) {
  return [
    ['type', query.type],
    ['customer_id', query.customerId],
    ['connection_id', query.connectionId],
    ['setup_link_id', query.setupLinkId],
    ['dataset_id', query.datasetId],
    ['delivery_id', query.deliveryId],
    ['run_id', query.runId],
    ['webhook_id', query.webhookId],
  ] as const;
}

/** An event as it is shown. */
export function toEvent(row: Selectable<Database['events']>): Event {
  return {
    id: row.id,
    type: row.type,
    at: row.at,
    actor: { type: row.actor_type, id: row.actor_id },
    customerId: row.customer_id,
    connectionId: row.connection_id,
    setupLinkId: row.setup_link_id,
    datasetId: row.dataset_id,
    deliveryId: row.delivery_id,
    runId: row.run_id,
    webhookId: row.webhook_id,
    cause: row.cause,
    before: row.before,
    after: row.after,
  };
}
