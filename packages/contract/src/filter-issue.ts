import type { Column } from './datasets.ts';
import type { FilterCondition, FilterOperator, FilterValue } from './row-filter.ts';

/** How values of a column compare; `other` can only be asked whether it is NULL. */
export type FilterKind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'uuid'
  | 'other';

/** @param type DuckDB's name of the type. */
export function filterKind(type: string): FilterKind {
  if (type === 'VARCHAR' || /^ENUM\([^[]*\)$/.test(type)) return 'text';
  if (integerBits[type] !== undefined) return 'integer';
  if (/^DECIMAL\(\d+,\d+\)$/.test(type)) return 'decimal';
  if (type === 'FLOAT' || type === 'DOUBLE') return 'float';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'DATE') return 'date';
  if (/^TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?$/.test(type)) return 'timestamp';
  return type === 'UUID' ? 'uuid' : 'other';
}

/**
 * Why no row could be asked this, or null: an operator that the column's type does not
 * have, or a value that it could only hold rounded.
 */
export function filterIssue(
  condition: FilterCondition,
  { type }: Pick<Column, 'type'>,
): { readonly field: 'operator' | 'value'; readonly message: string } | null {
  const { operator } = condition;
  const kind = filterKind(type);
  if (!operatorsOf(kind).includes(operator)) {
    const message = `cannot be "${operator}" for type "${type}": one of ${operatorsOf(kind).join(', ')}`;
    return { field: 'operator', message };
  }
  if (!('value' in condition)) return null;
  const expected = expectedValue(kind, type);
  const fits = [condition.value].flat().every((one) => isValueOf(kind, type, one));
  return fits ? null : { field: 'value', message: `must be ${expected} for type "${type}"` };
}

const nullOperators: readonly FilterOperator[] = ['is_null', 'is_not_null'];
const equalities: readonly FilterOperator[] = ['equals', 'not_equals', 'in', ...nullOperators];
const orders: readonly FilterOperator[] = [
  'less',
  'less_or_equal',
  'greater',
  'greater_or_equal',
  ...equalities,
];

function operatorsOf(kind: FilterKind): readonly FilterOperator[] {
  switch (kind) {
    case 'other':
      return nullOperators;
    case 'boolean':
    case 'uuid':
      return equalities;
    case 'text':
      return ['contains', 'starts_with', ...orders];
    default:
      return orders;
  }
}

const integerBits: Readonly<Record<string, number>> = {
  TINYINT: 7,
  SMALLINT: 15,
  INTEGER: 31,
  BIGINT: 63,
  HUGEINT: 127,
  UTINYINT: 8,
  USMALLINT: 16,
  UINTEGER: 32,
  UBIGINT: 64,
  UHUGEINT: 128,
};

function expectedValue(kind: FilterKind, type: string): string {
  switch (kind) {
    case 'integer':
      return 'a whole number in its range, as text beyond 2^53,';
    case 'decimal':
      return `a number with at most ${decimalDigits(type).fraction} digits after the point`;
    case 'float':
      return 'a number in its range';
    case 'boolean':
      return 'true or false';
    case 'date':
      return 'a day such as "2026-01-31"';
    case 'timestamp':
      return 'a time in UTC such as "2026-01-31T09:30:00.123456Z"';
    case 'uuid':
      return 'a UUID';
    default:
      return 'text';
  }
}

function isValueOf(kind: FilterKind, type: string, given: FilterValue): boolean {
  if (kind === 'boolean') return /^(true|false)$/.test(String(given));
  if (typeof given === 'boolean') return false;
  const text = String(given);
  switch (kind) {
    case 'integer':
      // Of a number beyond 2^53 nobody knows which was meant.
      if (typeof given === 'number' && !Number.isSafeInteger(given)) return false;
      return /^-?\d{1,40}$/.test(text) && isInRange(BigInt(text), type);
    case 'decimal': {
      const [, whole = '', fraction = ''] = /^-?0*(\d{0,38})(?:\.(\d+?)0*)?$/.exec(text) ?? [];
      const digits = decimalDigits(type);
      const fits = whole.length <= digits.whole && fraction.length <= digits.fraction;
      return /^-?\d+(\.\d+)?$/.test(text) && fits;
    }
    case 'float':
      if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return false;
      return Math.abs(Number(text)) <= (type === 'FLOAT' ? largestFloat : Number.MAX_VALUE);
    case 'date':
      return isDay(text);
    case 'timestamp':
      return isTime(text);
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
    default:
      return typeof given === 'string';
  }
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Of 30 February, Date makes 2 March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** In UTC, to the microsecond at the most. */
function isTime(text: string): boolean {
  const [, day = ''] =
    /^([\d-]{10})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?Z$/.exec(text) ?? [];
  return isDay(day);
}

const largestFloat = 3.4028234663852886e38;

function isInRange(number: bigint, type: string): boolean {
  const limit = 1n << BigInt(integerBits[type] ?? 0);
  return number < limit && number >= (type.startsWith('U') ? 0n : -limit);
}

function decimalDigits(type: string): { whole: number; fraction: number } {
  const [precision = 0, fraction = 0] = (type.match(/\d+/g) ?? []).map(Number);
  return { whole: precision - fraction, fraction };
}
