import {
  type Actor,
  CausewayError,
  type Page,
  systemActor,
  type Webhook,
  type WebhookCreate,
  type WebhookMessage,
  type WebhookMessageState,
  type WebhookUpdate,
} from '@causeway/contract';
import type { Selectable } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { differences, type Facts, pick } from '../events/event-facts.ts';
import { recordEvent } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { now, secondsFromNow } from '../timestamps.ts';
import { type ReplayRequest, readMessages, replayMessages } from './webhook-messages.ts';

/** A webhook with what nobody is shown: which of its secrets are in use. */
export interface WebhookRecord {
  readonly webhook: Webhook;
  /** The present secret's number; the one before is one less. */
  readonly secretNumber: number;
}

/** Every change is told of by events, which name the actor that the records belong to. */
export interface Webhooks {
  /** Its first secret has number 1. */
  create(id: string, input: WebhookCreate): Promise<Webhook>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Webhook>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Webhook>>;
  /** @throws CausewayError `not_found`. */
  update(id: string, change: WebhookUpdate): Promise<Webhook>;
  /** With its messages; its secrets are the caller's. @throws CausewayError `not_found`. */
  delete(id: string): Promise<WebhookRecord>;
  /**
   * Makes the next secret the present one; the one before signs too for so long.
   *
   * @throws CausewayError `not_found`.
   */
  rotateSecret(id: string, overlapHours: number): Promise<WebhookRecord>;
  /** Newest first. @throws CausewayError `not_found`. */
  messages(
    id: string,
    request: PageRequest & { readonly state?: WebhookMessageState | undefined },
  ): Promise<Page<WebhookMessage>>;
  /** How many messages are sent again. @throws CausewayError `not_found` (webhook, event). */
  replay(id: string, request: ReplayRequest): Promise<number>;
  /** Puts an event in its outbox that no other webhook gets. @throws CausewayError `not_found`. */
  test(id: string): Promise<WebhookMessage>;
}

export function webhooks(db: Db, actor: Actor): Webhooks {
  return {
    create: (id, input) => inTransaction(db, (trx) => create(trx, id, input, actor)),
    get: async (id) => toWebhook(await read(db, id)),
    async list(request) {
      const after = pageStart('webhook', request);
      let query = db.selectFrom('webhooks').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toWebhook), request.limit);
    },
    update: (id, change) => inTransaction(db, (trx) => update(trx, id, change, actor)),
    delete: (id) =>
      inTransaction(db, async (trx) => {
        const row = await read(trx, id);
        await trx.deleteFrom('webhooks').where('id', '=', id).execute();
        const before = toldOf(toWebhook(row));
        await recordEvent(trx, { type: 'webhook.deleted', actor, webhookId: id, before });
        return toRecord(row);
      }),
    rotateSecret: (id, overlapHours) =>
      inTransaction(db, async (trx) => {
        const row = await trx
          .updateTable('webhooks')
          .set((eb) => ({
            secret_number: eb('secret_number', '+', 1),
            previous_secret_until: overlapHours === 0 ? null : secondsFromNow(overlapHours * 3600),
          }))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        const record = toRecord(row ?? notFound(id));
        const after = { previousSecretUntil: record.webhook.previousSecretUntil };
        await recordEvent(trx, { type: 'webhook.secret_rotated', actor, webhookId: id, after });
        return record;
      }),
    async messages(id, request) {
      await read(db, id);
      return readMessages(db, id, request);
    },
    async replay(id, request) {
      await read(db, id);
      return replayMessages(db, id, request);
    },
    test: (id) =>
      inTransaction(db, async (trx) => {
        await read(trx, id);
        const event = { type: 'webhook.tested', actor, webhookId: id } as const;
        const eventId = await recordEvent(trx, event);
        await replayMessages(trx, id, { eventId });
        const { items } = await readMessages(trx, id, { limit: 1, eventId });
        const [message] = items;
        if (!message) throw new Error(`Cannot find message "${eventId}" that was just made`);
        return message;
      }),
  };
}

async function create(trx: Db, id: string, input: WebhookCreate, actor: Actor): Promise<Webhook> {
  const insert = trx.insertInto('webhooks').values({
    id,
    url: input.url,
    description: input.description,
    event_types: input.eventTypes ?? null,
    status: 'enabled',
    disabled_because: null,
    secret_number: 1,
    previous_secret_until: null,
    created_at: now,
  });
  const webhook = toWebhook(await insert.returningAll().executeTakeFirstOrThrow());
  const after = toldOf(webhook);
  await recordEvent(trx, { type: 'webhook.created', actor, webhookId: id, after });
  return webhook;
}

async function update(trx: Db, id: string, change: WebhookUpdate, actor: Actor): Promise<Webhook> {
  const before = toWebhook(await read(trx, id));
  const { url, description, eventTypes, status = before.status } = change;
  const reason = before.disabledBecause ?? 'by_operator';
  const row = await trx
    .updateTable('webhooks')
    .set({
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...(eventTypes !== undefined && { event_types: eventTypes }),
      status,
      disabled_because: status === 'disabled' ? reason : null,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const after = toWebhook(row);
  const [was, is] = [toldOf(before), toldOf(after)];
  const names = differences(was, is);
  if (names.length === 0) return after;
  const type = names.includes('status') && status === 'disabled' ? 'disabled' : 'updated';
  await recordEvent(trx, {
    type: `webhook.${type}`,
    actor,
    webhookId: id,
    before: pick(was, names),
    after: pick(is, names),
  });
  return after;
}

/** Disables a webhook that says itself that it is gone; tells of it once. */
export async function disableGone(trx: Db, id: string): Promise<void> {
  const changed = await trx
    .updateTable('webhooks')
    .set({ status: 'disabled', disabled_because: 'gone' })
    .where('id', '=', id)
    .where('status', '=', 'enabled')
    .returning('id')
    .executeTakeFirst();
  if (!changed) return;
  await recordEvent(trx, {
    type: 'webhook.disabled',
    actor: systemActor,
    webhookId: id,
    cause: 'gone',
    before: { status: 'enabled' },
    after: { status: 'disabled' },
  });
}

/** What events tell of a webhook. Its path and query may hold a secret of the receiver's. */
function toldOf({ url, description, eventTypes, status }: Webhook): Facts {
  return { host: new URL(url).host, description, eventTypes, status };
}

async function read(db: Db, id: string): Promise<Selectable<Database['webhooks']>> {
  const query = db.selectFrom('webhooks').selectAll().where('id', '=', id);
  const locked = db.isTransaction ? query.forNoKeyUpdate() : query;
  return (await locked.executeTakeFirst()) ?? notFound(id);
}

function notFound(id: string): never {
  throw new CausewayError('not_found', { kind: 'webhook', id });
}

function toRecord(row: Selectable<Database['webhooks']>): WebhookRecord {
  return { webhook: toWebhook(row), secretNumber: row.secret_number };
}

function toWebhook(row: Selectable<Database['webhooks']>): Webhook {
  const { previous_secret_until: until } = row;
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    status: row.status,
    disabledBecause: row.disabled_because,
    previousSecretUntil: until !== null && Date.parse(until) > Date.now() ? until : null,
    createdAt: row.created_at,
  };
}
