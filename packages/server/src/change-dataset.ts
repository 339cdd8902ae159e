import type { Secret, SecretStore, SecretVault } from '@causeway/connections';
import {
  CausewayError,
  type Column,
  type Dataset,
  type DatasetUpdate,
  type PushSource,
  type Source,
} from '@causeway/contract';
import type { Store } from '@causeway/store';
import { type DescribeSourceDeps, describeSource, requireNamedColumns } from './dataset-columns.ts';
import { datasetPasswordPlace } from './sources/postgres/password-place.ts';
import { withoutSecret, withPassword } from './sources/postgres/postgres-address.ts';
import type { Sources } from './sources/source-kind.ts';

export interface ChangeDatasetDeps extends DescribeSourceDeps {
  readonly sources: Pick<Sources, 'settle' | 'open'>;
  readonly secrets: Pick<SecretVault, 'read' | 'seal'>;
}

type Records = Pick<Store, 'datasets' | 'secrets' | 'together'>;

/**
 * Changes a dataset. A new source is read at once; columns of the dataset that it lacks, or
 * has with another type, are refused unless they are accepted.
 *
 * @throws CausewayError `schema_changed`; as `createDataset` does.
 */
export async function changeDataset(
  { id, source: given, schemaPolicy, acceptSchema }: DatasetUpdate & { readonly id: string },
  store: Records,
  deps: ChangeDatasetDeps,
  signal?: AbortSignal,
): Promise<Dataset> {
  if (given === undefined) {
    return store.datasets.update(id, (now) => ({ ...now, ...(schemaPolicy && { schemaPolicy }) }));
  }
  const before = await store.datasets.get(id);
  refuseOtherKind(before.source, given);
  const complete = await withKeptPassword(id, before.source, given, deps);
  const settled = await deps.sources.settle(complete, signal);
  const { schema: found } = await describeSource(settled, deps, signal);
  const { source, password } = withoutSecret(settled);
  return store.together(async (records) => {
    await movePassword({ id, before: before.source, after: source, password }, records, deps);
    return records.datasets.update(id, (now) => {
      const policy = schemaPolicy ?? now.schemaPolicy;
      const schema = acceptSchema
        ? acceptedColumns(now.schema, found)
        : compatibleColumns(now.schema, found, policy);
      requireNamedColumns(now, schema);
      return { ...now, source, schemaPolicy: policy, schema };
    });
  });
}

/**
 * Makes the columns that the source has now those of the dataset.
 *
 * @throws CausewayError `column_not_found` and the like when one is gone that the dataset names.
 */
export async function refreshDataset(
  id: string,
  store: Pick<Records, 'datasets'>,
  deps: DescribeSourceDeps,
  signal?: AbortSignal,
): Promise<Dataset> {
  const { source } = await store.datasets.get(id);
  const { schema: found } = await describeSource(source, deps, signal, id);
  return store.datasets.update(id, (now) => {
    const schema = acceptedColumns(now.schema, found);
    requireNamedColumns(now, schema);
    return { ...now, schema };
  });
}

/** Those that were known stay where they were, so that files go on as they began. */
function acceptedColumns(known: readonly Column[], found: readonly Column[]): Column[] {
  const byName = new Map(found.map((column) => [column.name, column]));
  const kept = known.flatMap(({ name }) => byName.get(name) ?? []);
  return [...kept, ...found.filter((column) => !kept.includes(column))];
}

/** @throws CausewayError `schema_changed` */
function compatibleColumns(
  known: readonly Column[],
  found: readonly Column[],
  policy: Dataset['schemaPolicy'],
): Column[] {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const changes = known
    .map(({ name, type }) => ({ column: name, before: type, after: types.get(name) ?? null }))
    .filter(({ before, after }) => before !== after);
  if (changes.length > 0) throw new CausewayError('schema_changed', { changes });
  const accepted = acceptedColumns(known, found);
  return policy === 'evolve' ? accepted : accepted.slice(0, known.length);
}

/** Kinds of sources whose rows are there before they are asked for, under no name of ours. */
const replaceable: readonly Source['type'][] = ['file', 'http', 'bucket', 'postgres'];

/**
 * What was pushed stays, so its columns do too; a query may be read by none, and others may
 * be by queries: see `sqlSources`.
 */
function refuseOtherKind(before: Source, after: Source): void {
  if (before.type === 'push' && after.type === 'push') refuseOtherColumns(before, after);
  if (before.type === after.type) return;
  if (replaceable.includes(before.type) && replaceable.includes(after.type)) return;
  refuse('source.type', `cannot become "${after.type}", since it is "${before.type}"`);
}

function refuseOtherColumns(before: PushSource, after: PushSource): void {
  for (const [i, column] of before.columns.entries()) {
    if (JSON.stringify(column) === JSON.stringify(after.columns[i])) continue;
    refuse(`source.columns.${i}`, `must stay "${column.name}" as it is: records have been pushed`);
  }
  for (const [i, { name, nullable }] of after.columns.entries()) {
    if (i < before.columns.length || nullable) continue;
    refuse(`source.columns.${i}`, `must be nullable: records that were pushed lack "${name}"`);
  }
}

function refuse(path: string, message: string): never {
  throw new CausewayError('invalid_request', { issues: [{ path, message }] });
}

/** The source as it is to be tried: with the password that is kept for just this server, if none is given. */
async function withKeptPassword(
  id: string,
  before: Source,
  given: Source,
  { secrets }: Pick<ChangeDatasetDeps, 'secrets'>,
): Promise<Source> {
  if (given.type !== 'postgres' || before.type !== 'postgres') return given;
  if (withoutSecret(given).password !== null) return given;
  const kept = await secrets.read(datasetPasswordPlace(id, given));
  return kept === null ? given : withPassword(given, kept);
}

async function movePassword(
  move: {
    readonly id: string;
    readonly before: Source;
    readonly after: Source;
    readonly password: Secret<string> | null;
  },
  records: { readonly secrets: SecretStore },
  { secrets }: Pick<ChangeDatasetDeps, 'secrets'>,
): Promise<void> {
  const { id, before, after, password } = move;
  if (before.type === 'postgres') await records.secrets.remove(datasetPasswordPlace(id, before));
  if (after.type !== 'postgres' || password === null) return;
  await records.secrets.save(await secrets.seal(datasetPasswordPlace(id, after), password));
}
