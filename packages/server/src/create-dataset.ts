import {
  CausewayError,
  type Column,
  type Dataset,
  type DatasetCreate,
  newId,
} from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import { resolveSourcePath } from './source-path.ts';

export interface CreateDatasetDeps {
  readonly engine: Pick<Engine, 'describe'>;
  readonly sourceDirs: readonly string[];
  readonly now?: () => Date;
}

/**
 * Makes a dataset of a file: its schema is read from the file, and the columns it
 * names must be there.
 *
 * @throws CausewayError `source_not_allowed`, `source_not_readable`, `column_not_found`,
 * `cursor_not_usable`.
 */
export async function createDataset(
  input: DatasetCreate,
  deps: CreateDatasetDeps,
  signal?: AbortSignal,
): Promise<Dataset> {
  const path = await resolveSourcePath(input.source.path, deps.sourceDirs);
  const source = { ...input.source, path };
  const schema = await deps.engine.describe(source, signal);
  const named = [input.customerColumn, input.cursorColumn, ...input.primaryKey];
  for (const column of named) if (column !== null) requireColumn(column, schema);
  if (input.cursorColumn !== null) requireCursor(requireColumn(input.cursorColumn, schema));
  const now = deps.now?.() ?? new Date();
  return {
    id: newId('dataset', now.getTime()),
    name: input.name,
    source,
    customerColumn: input.customerColumn,
    cursorColumn: input.cursorColumn,
    primaryKey: [...new Set(input.primaryKey)],
    schema,
    createdAt: now.toISOString(),
  };
}

function requireColumn(name: string, schema: readonly Column[]): Column {
  const column = schema.find((candidate) => candidate.name === name);
  if (column) return column;
  const columns = schema.map((candidate) => candidate.name);
  throw new CausewayError('column_not_found', { column: name, columns });
}

/** Windows are of time. Refused now, since the engine would refuse it at every run. */
function requireCursor({ name, type }: Column): void {
  if (/^(TIMESTAMP|DATE$)/.test(type)) return;
  throw new CausewayError('cursor_not_usable', { column: name, type });
}
