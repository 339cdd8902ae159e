import type { Column, FilterCondition, FilterValue, RowFilter } from '@causeway/contract';
// Not from the package's root, whose schemas take half a second to load: three times a child's start.
import { filterIssue, filterKind } from '@causeway/contract/filter-issue';
import type { DuckDBValue } from '@duckdb/node-api';
import { JobError } from './job-error.ts';
import { columnOf, epochMicros, findColumn, timestampMaker } from './sql.ts';

/** Adds a value to those of the query, and says what stands for it in SQL. */
export type AddValue = (value: DuckDBValue) => string;

/**
 * The condition that a row of `table` passes the filter. Only names of columns get into
 * SQL, quoted; values are parameters. NULL passes `is_null` alone, as SQL has it.
 *
 * @throws JobError `column_not_found`, `filter_not_usable`.
 */
export function filterCondition(
  filter: RowFilter,
  table: string,
  columns: readonly Column[],
  add: AddValue,
): string {
  const conditions = filter.conditions.map((condition) => {
    const column = findColumn(condition.column, columns);
    const issue = filterIssue(condition, column);
    if (issue === null) return conditionOf(condition, table, column, add);
    const { name, type } = column;
    const reason = `its ${issue.field} ${issue.message}`;
    throw new JobError({ code: 'filter_not_usable', details: { column: name, type, reason } });
  });
  return `(${conditions.join(filter.match === 'all' ? ' AND ' : ' OR ')})`;
}

const comparisons = {
  equals: '=',
  not_equals: '<>',
  less: '<',
  less_or_equal: '<=',
  greater: '>',
  greater_or_equal: '>=',
} as const;

function conditionOf(
  condition: FilterCondition,
  table: string,
  column: Column,
  add: AddValue,
): string {
  const plain = columnOf(table, column.name);
  // As text, or an ENUM would compare by the order of its values.
  const left = column.type.startsWith('ENUM') ? `CAST(${plain} AS VARCHAR)` : plain;
  switch (condition.operator) {
    case 'is_null':
      return `${left} IS NULL`;
    case 'is_not_null':
      return `${left} IS NOT NULL`;
    case 'contains':
    case 'starts_with':
      return `${condition.operator}(${left}, ${add(condition.value)})`;
    case 'in': {
      const list = condition.value.map((value) => typedValue(value, column, add));
      return `${left} IN (${list.join(', ')})`;
    }
    default:
      return `${left} ${comparisons[condition.operator]} ${typedValue(condition.value, column, add)}`;
  }
}

/** The value as the column's type has it, so that no column is converted to compare. */
function typedValue(value: FilterValue, column: Column, add: AddValue): string {
  const kind = filterKind(column.type);
  if (kind === 'text') return `CAST(${add(String(value))} AS VARCHAR)`;
  if (kind === 'timestamp') {
    const micros = add(epochMicros(String(value)));
    return `${timestampMaker(column)}(CAST(${micros} AS BIGINT))`;
  }
  // A type of these kinds is a word, with at most two numbers.
  return `CAST(CAST(${add(String(value))} AS VARCHAR) AS ${column.type})`;
}
