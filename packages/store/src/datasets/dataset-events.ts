import { type Actor, type Column, type Dataset, nameOfSource } from '@causeway/contract';
import { differences, pick } from '../events/event-facts.ts';
import type { NewEvent } from '../events/events.ts';

/** What is different now of a dataset; its columns are told of by themselves. */
export function datasetChanged(before: Dataset, after: Dataset, actor: Actor): NewEvent[] {
  const [was, is] = [factsOfDataset(before), factsOfDataset(after)];
  const names = differences(was, is);
  const about = { actor, datasetId: after.id };
  const updated: NewEvent[] =
    names.length === 0
      ? []
      : [{ type: 'dataset.updated', ...about, before: pick(was, names), after: pick(is, names) }];
  return [...updated, ...schemaChanged(before.schema, after.schema, about)];
}

/** Each column that is there now, gone, or another, with what it was and what it is. */
export function schemaChanged(
  before: readonly Column[],
  after: readonly Column[],
  about: Pick<NewEvent, 'actor' | 'datasetId' | 'runId'>,
): NewEvent[] {
  const [was, is] = [factsOfColumns(before), factsOfColumns(after)];
  const names = differences(was, is);
  if (names.length === 0) return [];
  const columns = { before: { columns: pick(was, names) }, after: { columns: pick(is, names) } };
  return [{ type: 'dataset.schema_changed', ...about, ...columns }];
}

function factsOfDataset({ source, schemaPolicy }: Dataset) {
  return { schemaPolicy, source: { type: source.type, name: nameOfSource(source) } };
}

function factsOfColumns(columns: readonly Column[]) {
  return Object.fromEntries(columns.map(({ name, type, nullable }) => [name, { type, nullable }]));
}
