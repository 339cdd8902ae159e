import { type Column, type DeliveryCreate, filterIssue } from '@causeway/contract';

/** What cannot be about the rows and columns that a delivery sends, by path. */
export function rowSelectionIssues(
  { filter, columns }: Pick<DeliveryCreate, 'filter' | 'columns'>,
  schema: readonly Column[],
): { path: string; message: string }[] {
  const issues: { path: string; message: string }[] = [];
  const byName = new Map(schema.map((column) => [column.name, column]));
  const unknown = (name: string) => `names "${name}", which is no column of the dataset`;
  const seen = new Set<string>();
  for (const [index, name] of (columns ?? []).entries()) {
    const path = `columns.${index}`;
    if (!byName.has(name)) issues.push({ path, message: unknown(name) });
    else if (seen.has(name)) issues.push({ path, message: `names "${name}" more than once` });
    seen.add(name);
  }
  for (const [index, condition] of (filter?.conditions ?? []).entries()) {
    const path = `filter.conditions.${index}`;
    const column = byName.get(condition.column);
    if (!column) {
      issues.push({ path: `${path}.column`, message: unknown(condition.column) });
      continue;
    }
    const issue = filterIssue(condition, column);
    if (issue) issues.push({ path: `${path}.${issue.field}`, message: issue.message });
  }
  return issues;
}
