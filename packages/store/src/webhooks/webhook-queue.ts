import type { Event, WebhookAttempt } from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { toEvent } from '../events/events.ts';
import { disableGone } from './webhooks.ts';

/** A message to be sent now. */
export interface DueMessage {
  readonly webhookId: string;
  readonly url: string;
  readonly event: Event;
  /** Tries since it was first or last asked for. */
  readonly tries: number;
  /** The numbers of the secrets that sign, the present one first. */
  readonly secretNumbers: readonly number[];
}

/** What a try came to. `gone` disables the webhook. */
export type TryOutcome =
  | { readonly state: 'delivered' | 'failed' | 'gone' }
  | { readonly state: 'pending'; readonly nextAttemptAt: Date };

/** Whose turn it is. Times are the caller's, so that tests may move them. */
export interface WebhookQueue {
  /**
   * Takes messages whose time has come, a few of each webhook, so that a slow one does not hold
   * up the others. Another process takes over what was not recorded within a minute.
   */
  takeDue(now: Date, limits: { readonly perWebhook: number }): Promise<DueMessage[]>;
  /** Writes down a try and what follows from it. */
  record(
    message: Pick<DueMessage, 'webhookId' | 'event'>,
    attempt: Omit<WebhookAttempt, 'number'>,
    outcome: TryOutcome,
  ): Promise<void>;
  /** Forgets messages that are older than so many days and have an end. */
  forget(olderThanDays: number): Promise<void>;
}

/** Longer than any try may take. */
const holdSeconds = 60;

export function webhookQueue(db: Db): WebhookQueue {
  return {
    takeDue: (now, { perWebhook }) => takeDue(db, now, perWebhook),
    record: (message, attempt, outcome) =>
      inTransaction(db, async (trx) => {
        const number = await recordOutcome(trx, message, outcome);
        if (number === null) return;
        const row = {
          webhook_id: message.webhookId,
          event_id: message.event.id,
          number,
          at: attempt.at,
          duration_ms: attempt.durationMs,
          status: attempt.status,
          error: attempt.error,
          body_start: attempt.bodyStart,
        };
        await trx.insertInto('webhook_attempts').values(row).execute();
        if (outcome.state === 'gone') await disableGone(trx, message.webhookId);
      }),
    async forget(olderThanDays) {
      await db
        .deleteFrom('webhook_messages')
        .where('state', '!=', 'pending')
        .where(
          'created_at',
          '<',
          sql<string>`clock_timestamp() - make_interval(days => ${olderThanDays})`,
        )
        .execute();
    },
  };
}

/** The number of this try; null when the webhook was deleted meanwhile. */
async function recordOutcome(
  trx: Db,
  { webhookId, event }: Pick<DueMessage, 'webhookId' | 'event'>,
  outcome: TryOutcome,
): Promise<number | null> {
  const row = await trx
    .updateTable('webhook_messages')
    .set((eb) => ({
      state: outcome.state === 'gone' ? 'failed' : outcome.state,
      attempts: eb('attempts', '+', 1),
      tries: eb('tries', '+', 1),
      next_attempt_at: outcome.state === 'pending' ? outcome.nextAttemptAt.toISOString() : null,
      taken_until: null,
    }))
    .where('webhook_id', '=', webhookId)
    .where('event_id', '=', event.id)
    .returning('attempts')
    .executeTakeFirst();
  return row?.attempts ?? null;
}

async function takeDue(db: Db, now: Date, perWebhook: number): Promise<DueMessage[]> {
  const at = now.toISOString();
  const until = new Date(now.getTime() + holdSeconds * 1000).toISOString();
  const taken = sql<{ webhook_id: string; event_id: string; tries: number }>`
    update causeway.webhook_messages as message set taken_until = ${until}
    from (
      select due.webhook_id, due.event_id from causeway.webhooks as webhook
      cross join lateral (
        select webhook_id, event_id from causeway.webhook_messages
        where webhook_id = webhook.id and state = 'pending' and next_attempt_at <= ${at}
          and coalesce(taken_until < ${at}, true)
        order by next_attempt_at, event_id
        limit greatest(0, ${perWebhook}::int - (
          select count(*) from causeway.webhook_messages as in_hand
          where in_hand.webhook_id = webhook.id and in_hand.state = 'pending'
            and in_hand.taken_until >= ${at}
        ))
        for update skip locked
      ) as due
      where webhook.status = 'enabled'
    ) as due
    where message.webhook_id = due.webhook_id and message.event_id = due.event_id
    returning message.webhook_id, message.event_id, message.tries
  `;
  const { rows } = await taken.execute(db);
  if (rows.length === 0) return [];
  const [webhooks, events] = await Promise.all([
    db
      .selectFrom('webhooks')
      .selectAll()
      .where(
        'id',
        'in',
        rows.map((row) => row.webhook_id),
      )
      .execute(),
    db
      .selectFrom('events')
      .selectAll()
      .where(
        'id',
        'in',
        rows.map((row) => row.event_id),
      )
      .execute(),
  ]);
  return rows.flatMap(({ webhook_id, event_id, tries }) => {
    const webhook = webhooks.find(({ id }) => id === webhook_id);
    const event = events.find(({ id }) => id === event_id);
    if (!webhook || !event) return [];
    const secretNumbers = secretsInUse(webhook, now);
    return [
      { webhookId: webhook_id, url: webhook.url, event: toEvent(event), tries, secretNumbers },
    ];
  });
}

function secretsInUse(webhook: Selectable<Database['webhooks']>, now: Date): number[] {
  const { secret_number: current, previous_secret_until: until } = webhook;
  return until !== null && Date.parse(until) > now.getTime() ? [current, current - 1] : [current];
}
