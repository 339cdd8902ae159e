import type { Column } from '@causeway/contract';
import { readingFile } from './job-error.ts';
import type { Session } from './session.ts';
import { quoteLiteral, readParquet } from './sql.ts';
import { describeTable } from './table-facts.ts';

/**
 * The columns of a Parquet file as DuckDB reads them, or of several, united by name.
 *
 * @throws JobError `file_not_readable`.
 */
export async function describeParquet(
  session: Session,
  names: readonly string[],
): Promise<Column[]> {
  const required: Set<string>[] = [];
  for (const name of names) {
    required.push(await readingFile(name, () => requiredColumns(session, name)));
  }
  return readingFile(names[0] ?? '', async () => {
    const columns = await describeTable(session, readParquet(names));
    return columns.map(({ name, type }) => {
      const nullable = !required.every((found) => found.has(name));
      return { name, type, nullable };
    });
  });
}

/**
 * The top-level columns that are required, which DESCRIBE does not tell. The file's
 * schema is a tree, listed parent first with the number of each node's children.
 */
async function requiredColumns(session: Session, name: string): Promise<Set<string>> {
  const nodes = await session.rows(
    `SELECT name, num_children, repetition_type FROM parquet_schema(${quoteLiteral(name)})`,
  );
  const required = new Set<string>();
  let index = 1;
  while (index < nodes.length) {
    const node = nodes[index];
    if (node?.['repetition_type'] === 'REQUIRED') required.add(String(node['name']));
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
