import { CausewayError, type Column, type Dataset, type Source } from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import { deletedColumnIssue } from './deletion-issues.ts';
import type { Sources } from './sources/source-kind.ts';

export interface DescribeSourceDeps {
  readonly engine: Pick<Engine, 'describe'>;
  readonly sources: Pick<Sources, 'open'>;
}

/**
 * What columns a source has now, whatever its dataset has, and which of them it calls its
 * primary key.
 *
 * @param id of the dataset, unless it is being made.
 * @throws CausewayError as `Sources.open` and `Engine.describe` do.
 */
export async function describeSource(
  source: Source,
  { engine, sources }: DescribeSourceDeps,
  signal?: AbortSignal,
  id?: string,
): Promise<{ readonly schema: Column[]; readonly primaryKey: readonly string[] }> {
  const opened = await sources.open(
    { source, schema: [], ...(id !== undefined && { id }) },
    signal,
  );
  try {
    const schema = await engine.describe(opened.source, signal);
    return { schema, primaryKey: opened.primaryKey ?? [] };
  } finally {
    await opened.close();
  }
}

/**
 * Holds the columns that a dataset names against those that there are.
 *
 * @throws CausewayError `column_not_found`, `cursor_not_usable`, `invalid_request`.
 */
export function requireNamedColumns(
  dataset: Pick<Dataset, 'customerColumn' | 'cursorColumn' | 'primaryKey' | 'deletedColumn'>,
  schema: readonly Column[],
): void {
  const { customerColumn, cursorColumn, primaryKey, deletedColumn } = dataset;
  for (const column of [customerColumn, ...primaryKey]) {
    if (column !== null) requireColumn(column, schema);
  }
  if (cursorColumn !== null) requireCursor(requireColumn(cursorColumn, schema));
  if (deletedColumn === null) return;
  const issue = deletedColumnIssue(requireColumn(deletedColumn, schema), primaryKey);
  if (issue !== null) throw new CausewayError('invalid_request', { issues: [issue] });
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
