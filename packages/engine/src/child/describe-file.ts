import type { Column } from '@causeway/contract';
import { readingFile } from './job-error.ts';
import type { Session } from './session.ts';
import { quoteLiteral, readParquet } from './sql.ts';

/**
 * The columns of a Parquet file as DuckDB reads them.
 *
 * @throws JobError `file_not_readable`.
 */
export function describeFile(session: Session, name: string): Promise<Column[]> {
  return readingFile(name, async () => {
    const required = await requiredColumns(session, name);
    const rows = await session.rows(`DESCRIBE SELECT * FROM ${readParquet([name])}`);
    return rows.map((row, index) => ({
      name: String(row['column_name']),
      type: String(row['column_type']),
      nullable: required[index] !== true,
    }));
  });
}

/**
 * Whether each top-level column is required, which DESCRIBE does not tell. The file's
 * schema is a tree, listed parent first with the number of each node's children.
 */
async function requiredColumns(session: Session, name: string): Promise<boolean[]> {
  const nodes = await session.rows(
    `SELECT num_children, repetition_type FROM parquet_schema(${quoteLiteral(name)})`,
  );
  const required: boolean[] = [];
  let index = 1;
  while (index < nodes.length) {
    required.push(nodes[index]?.['repetition_type'] === 'REQUIRED');
    index = endOfSubtree(nodes, index);
  }
  return required;
}

function endOfSubtree(nodes: readonly Record<string, unknown>[], start: number): number {
  let open = 1;
  let index = start;
  while (open > 0 && index < nodes.length) {
    open += Number(nodes[index]?.['num_children'] ?? 0) - 1;
    index += 1;
  }
  return index;
}
