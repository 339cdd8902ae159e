import {
  CausewayError,
  type Page,
  type WebhookAttempt,
  type WebhookMessage,
  type WebhookMessageState,
} from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import type { Database, Db } from '../database.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';

/** Which events to send again. */
export type ReplayRequest =
  | { readonly eventId: string }
  | { readonly since: string; readonly delivered: boolean };

const mostAttemptsShown = 20;

/** The messages of a webhook, newest first, or the one of an event. */
export async function readMessages(
  db: Db,
  webhookId: string,
  request: PageRequest & {
    readonly state?: WebhookMessageState | undefined;
    readonly eventId?: string;
  },
): Promise<Page<WebhookMessage>> {
  const after = pageStart('event', request);
  let query = db
    .selectFrom('webhook_messages as message')
    .innerJoin('events', 'events.id', 'message.event_id')
    .select(['message.event_id', 'message.state', 'message.next_attempt_at', 'events.type'])
    .select('events.at')
    .where('message.webhook_id', '=', webhookId)
    .orderBy('message.event_id', 'desc');
  if (after !== null) query = query.where('message.event_id', '<', after);
  if (request.state !== undefined) query = query.where('message.state', '=', request.state);
  if (request.eventId !== undefined) query = query.where('message.event_id', '=', request.eventId);
  const rows = await query.limit(request.limit + 1).execute();
  const attempts = await readAttempts(
    db,
    webhookId,
    rows.map((row) => row.event_id),
  );
  const messages = rows.map((row) => ({
    id: row.event_id,
    webhookId,
    type: row.type,
    state: row.state,
    eventAt: row.at,
    nextAttemptAt: row.next_attempt_at,
    attempts: attempts.get(row.event_id) ?? [],
  }));
  return toPage(messages, request.limit);
}

async function readAttempts(
  db: Db,
  webhookId: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, WebhookAttempt[]>> {
  if (eventIds.length === 0) return new Map();
  const { rows } = await sql<Selectable<Database['webhook_attempts']>>`
    select attempt.* from unnest(${eventIds}::text[]) as given (id)
    cross join lateral (
      select * from causeway.webhook_attempts
      where webhook_id = ${webhookId} and event_id = given.id
      order by number desc limit ${mostAttemptsShown}
    ) as attempt order by attempt.event_id, attempt.number
  `.execute(db);
  const byEvent = new Map<string, WebhookAttempt[]>();
  for (const row of rows) {
    const all = byEvent.get(row.event_id);
    if (all) all.push(toAttempt(row));
    else byEvent.set(row.event_id, [toAttempt(row)]);
  }
  return byEvent;
}

function toAttempt(row: Selectable<Database['webhook_attempts']>): WebhookAttempt {
  return {
    number: row.number,
    at: row.at,
    durationMs: row.duration_ms,
    status: row.status,
    error: row.error,
    bodyStart: row.body_start,
  };
}

/**
 * Puts events back into the outbox of a webhook, also those from before it was made. An event
 * that is named is sent whatever its type; those since a time are of the types that it takes.
 *
 * @throws CausewayError `not_found` (the event).
 */
export async function replayMessages(
  db: Db,
  webhookId: string,
  request: ReplayRequest,
): Promise<number> {
  const wanted =
    'eventId' in request
      ? sql`events.id = ${request.eventId}`
      : sql`events.at >= ${request.since}::timestamptz and events.type <> 'webhook.tested'
          and (webhook.event_types is null or events.type = any(webhook.event_types))`;
  const withDelivered = 'eventId' in request || request.delivered;
  const { rows } = await sql`
    insert into causeway.webhook_messages as message
      (webhook_id, event_id, state, next_attempt_at, created_at)
    select webhook.id, events.id, 'pending', clock_timestamp(), clock_timestamp()
    from causeway.webhooks as webhook cross join causeway.events
    where webhook.id = ${webhookId} and ${wanted}
    on conflict (webhook_id, event_id) do update
      set state = 'pending', tries = 0, next_attempt_at = clock_timestamp()
      where message.state <> 'delivered' or ${withDelivered}
    returning event_id
  `.execute(db);
  if ('eventId' in request && rows.length === 0) {
    throw new CausewayError('not_found', { kind: 'event', id: request.eventId });
  }
  return rows.length;
}
