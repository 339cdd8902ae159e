/** A name like this that is none of a table's columns; DuckDB takes names for the same whatever their case. */
export function freeColumn(name: string, columns: readonly string[]): string {
  const taken = new Set(columns.map((column) => column.toLowerCase()));
  let free = name;
  while (taken.has(free)) free += '_';
  return free;
}
