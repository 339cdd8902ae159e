import { type Column, systemActor } from '@causeway/contract';
import type { Db } from '../database.ts';
import { schemaChanged } from '../datasets/dataset-events.ts';
import { recordEvents } from '../events/events.ts';

/** Keeps the columns that a run sends, as `RunJournal.fixSchema` promises. */
export async function fixSchema(
  trx: Db,
  runId: string,
  columns: readonly Column[],
  evolves: boolean,
): Promise<void> {
  const run = await trx
    .updateTable('runs')
    .set({ columns: JSON.stringify(columns) })
    .where('id', '=', runId)
    .where('columns', 'is', null)
    .returning('delivery_id')
    .executeTakeFirst();
  if (run && evolves) await evolveDataset(trx, runId, run.delivery_id, columns);
}

/** Another run may have added columns meanwhile: these stay, and are not added twice. */
async function evolveDataset(
  trx: Db,
  runId: string,
  deliveryId: string,
  found: readonly Column[],
): Promise<void> {
  const { id, columns: before } = await trx
    .selectFrom('datasets')
    .select(['id', 'columns'])
    .where('id', '=', (eb) =>
      eb.selectFrom('deliveries').select('dataset_id').where('id', '=', deliveryId),
    )
    .forUpdate()
    .executeTakeFirstOrThrow();
  const foundByName = new Map(found.map((column) => [column.name, column]));
  const known = new Set(before.map(({ name }) => name));
  const after = [
    ...before.map((column) => {
      const nullable = column.nullable || (foundByName.get(column.name)?.nullable ?? false);
      return { ...column, nullable };
    }),
    ...found.filter(({ name }) => !known.has(name)),
  ];
  const told = schemaChanged(before, after, { actor: systemActor, datasetId: id, runId });
  if (told.length === 0) return;
  await trx
    .updateTable('datasets')
    .set({ columns: JSON.stringify(after) })
    .where('id', '=', id)
    .execute();
  await recordEvents(trx, told);
}
