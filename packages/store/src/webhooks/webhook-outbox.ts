import type { EventType } from '@causeway/contract';
import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** Sent by hand, to one webhook and to no other. */
const testEvent: EventType = 'webhook.tested';

/**
 * Puts an event into the outbox of every webhook that is to hear of it, in the transaction that
 * writes the event: a message is there exactly when the change that it tells of is.
 */
export async function tellWebhooks(
  trx: Db,
  event: { readonly id: string; readonly type: EventType },
): Promise<void> {
  if (event.type === testEvent) return;
  await sql`
    insert into causeway.webhook_messages
      (webhook_id, event_id, state, next_attempt_at, created_at)
    select id, ${event.id}, 'pending', clock_timestamp(), clock_timestamp()
    from causeway.webhooks
    where status = 'enabled' and (event_types is null or ${event.type} = any(event_types))
  `.execute(trx);
}
