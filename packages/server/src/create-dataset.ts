import type { Secret } from '@causeway/connections';
import {
  CausewayError,
  type Column,
  type Dataset,
  type DatasetCreate,
  newId,
  type Source,
} from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import { deletedColumnIssue } from './deletion-issues.ts';
import { withoutPassword } from './sources/postgres/postgres-address.ts';
import type { Sources } from './sources/sources.ts';

export interface CreateDatasetDeps {
  readonly engine: Pick<Engine, 'describe'>;
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
  const { schema, primaryKey: ownKey } = await describe(settled, deps, signal);
  const primaryKey = input.primaryKey ?? ownKey;
  const named = [input.customerColumn, input.cursorColumn, ...primaryKey];
  for (const column of named) if (column !== null) requireColumn(column, schema);
  if (input.cursorColumn !== null) requireCursor(requireColumn(input.cursorColumn, schema));
  const { deletedColumn } = input;
  if (deletedColumn !== null) {
    const issue = deletedColumnIssue(requireColumn(deletedColumn, schema), primaryKey);
    if (issue !== null) throw new CausewayError('invalid_request', { issues: [issue] });
  }
  const now = deps.now?.() ?? new Date();
  const { source, password } = withoutSecret(settled);
  const dataset = {
    id: newId('dataset', now.getTime()),
    name: input.name,
    source,
    customerColumn: input.customerColumn,
    cursorColumn: input.cursorColumn,
    primaryKey: [...new Set(primaryKey)],
    deletedColumn,
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

function withoutSecret(source: Source): { source: Source; password: Secret<string> | null } {
  return source.type === 'postgres' ? withoutPassword(source) : { source, password: null };
}

async function describe(
  source: Source,
  { engine, sources }: CreateDatasetDeps,
  signal: AbortSignal | undefined,
): Promise<{ readonly schema: Column[]; readonly primaryKey: readonly string[] }> {
  const opened = await sources.open({ source, schema: [] }, signal);
  try {
    const schema = await engine.describe(opened.source, signal);
    return { schema, primaryKey: opened.primaryKey ?? [] };
  } finally {
    await opened.close();
  }
}

function requireColumn(name: string, schema: readonly Column[]): Column {
  const column = schema.find((candidate) => candidate.name === name);
  if (column) return column;
  const columns = schema.map((candidate) => candidate.name);
  throw new CausewayError('column_not_found', { column: name, columns });
}

/** By a time in the records, one that comes late would be in no window. */
function refuseCursorOfPushed(): never {
  const message =
    'must be left out: windows of pushed records are of the times at which they were received';
  throw new CausewayError('invalid_request', { issues: [{ path: 'cursorColumn', message }] });
}

/** Windows are of time. Refused now, since the engine would refuse it at every run. */
function requireCursor({ name, type }: Column): void {
  if (/^(TIMESTAMP|DATE$)/.test(type)) return;
  throw new CausewayError('cursor_not_usable', { column: name, type });
}
