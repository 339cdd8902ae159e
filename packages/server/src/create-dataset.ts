import type { Secret } from '@causeway/connections';
import { CausewayError, type Dataset, type DatasetCreate, newId } from '@causeway/contract';
import { type DescribeSourceDeps, describeSource, requireNamedColumns } from './dataset-columns.ts';
import { withoutSecret } from './sources/postgres/postgres-address.ts';
import type { Sources } from './sources/source-kind.ts';

export interface CreateDatasetDeps extends DescribeSourceDeps {
  readonly sources: Pick<Sources, 'settle' | 'open'>;
  readonly now?: () => Date;
}

/**
 * Makes a dataset of a source: its schema is read from there, and the columns that the
 * dataset names must be in it. Where nothing is said of a primary key, it is the source's own.
 *
 * @throws CausewayError `source_not_allowed`, `source_not_readable`, `postgres_not_readable`,
 * `column_not_found`, `cursor_not_usable`; `invalid_request` for a source that says what does
 * not go together.
 */
export async function createDataset(
  input: DatasetCreate,
  deps: CreateDatasetDeps,
  signal?: AbortSignal,
): Promise<NewDataset> {
  if (input.source.type === 'push' && input.cursorColumn !== null) refuseCursorOfPushed();
  const settled = await deps.sources.settle(input.source, signal);
  const { schema, primaryKey: ownKey } = await describeSource(settled, deps, signal);
  const { customerColumn, cursorColumn, deletedColumn, schemaPolicy } = input;
  const primaryKey = [...new Set(input.primaryKey ?? ownKey)];
  const named = { customerColumn, cursorColumn, primaryKey, deletedColumn };
  requireNamedColumns(named, schema);
  const now = deps.now?.() ?? new Date();
  const { source, password } = withoutSecret(settled);
  const dataset = {
    id: newId('dataset', now.getTime()),
    name: input.name,
    source,
    ...named,
    schemaPolicy,
    schema,
    createdAt: now.toISOString(),
  };
  return { dataset, password };
}

/** A dataset, and the password of its source, which is kept elsewhere. */
export interface NewDataset {
  readonly dataset: Dataset;
  readonly password: Secret<string> | null;
}

/** By a time in the records, one that comes late would be in no window. */
function refuseCursorOfPushed(): never {
  const message =
    'must be left out: windows of pushed records are of the times at which they were received';
  throw new CausewayError('invalid_request', { issues: [{ path: 'cursorColumn', message }] });
}
