import type { Column } from '@causeway/contract';
import type { UnloadJob } from '@causeway/engine';
import type { RunWork } from './journal.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * What a scan expects of the source's columns. The first of a run takes those that were
 * added too, where the dataset evolves; the others send what that one did, so that all of
 * a run's customers, whenever they are served, get the same.
 */
export function expectedSchema({
  schema,
  dataset,
}: RunWork): Pick<UnloadJob, 'schema' | 'sendsAdded'> {
  const expected = schema ?? dataset.schema;
  return {
    schema: expected.map(({ name, type }) => ({ name, type })),
    sendsAdded: schema === null && dataset.schemaPolicy === 'evolve',
  };
}

/**
 * Writes down what the first scan has sent, before anything of it can be committed: the
 * manifests name it, and can be written without the source.
 */
export async function fixSchema(
  run: RunWork,
  sent: readonly Column[],
  { journal }: Pick<RunDeps, 'journal'>,
): Promise<void> {
  if (run.schema !== null) return;
  const { dataset, delivery } = run;
  const evolves =
    dataset.schemaPolicy === 'evolve' &&
    delivery.columns === null &&
    JSON.stringify(sent) !== JSON.stringify(dataset.schema);
  await journal.fixSchema(run.lease, sent, evolves);
  run.schema = sent;
}
