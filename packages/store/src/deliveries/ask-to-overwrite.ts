import { type Actor, type Delivery, systemActor } from '@causeway/contract';
import { sql } from 'kysely';
import { connections } from '../connections/connections.ts';
import type { Db } from '../database.ts';

/**
 * Has the connections of customers ask for the right to delete, in guides, policies and
 * checks: a delivery that overwrites goes to them.
 */
export async function askToOverwrite(
  trx: Db,
  { writeMode }: Pick<Delivery, 'writeMode'>,
  customerIds: readonly string[],
  actor: Actor = systemActor,
): Promise<void> {
  if (writeMode !== 'overwrite' || customerIds.length === 0) return;
  const rows = await trx
    .selectFrom('connections')
    .select('id')
    .where('customer_id', 'in', customerIds)
    .where('overwrites', '=', false)
    .where(sql<boolean>`'deliver' = any(capabilities)`)
    .orderBy('id')
    .execute();
  const { update } = connections(trx, actor);
  for (const { id } of rows) await update(id, (current) => ({ ...current, overwrites: true }));
}
