import { type Delivery, systemActor } from '@causeway/contract';
import type { Db } from '../database.ts';
import { deliveries } from '../deliveries/deliveries.ts';

/** A delivery, and whom it goes to now. */
export interface StandingDelivery {
  readonly delivery: Delivery;
  readonly customerIds: readonly string[];
}

/** Those of a dataset that were not ended for good, paused ones too. */
export async function standingDeliveries(
  trx: Db,
  datasetId: string,
): Promise<readonly StandingDelivery[]> {
  const rows = await trx
    .selectFrom('deliveries')
    .select('id')
    .where('dataset_id', '=', datasetId)
    .where('status', '!=', 'archived')
    .execute();
  const all = deliveries(trx, systemActor);
  const standing: StandingDelivery[] = [];
  for (const { id } of rows) {
    const delivery = await all.get(id);
    standing.push({ delivery, customerIds: await all.customersOf(delivery) });
  }
  return standing;
}
