import { z } from 'zod';

/** A value as it stands in a line of JSON. */
export interface JsonText {
  readonly json: string;
}

type Read = (value: unknown) => JsonText | { readonly issue: string };

/**
 * Reads values of a column of a primary key, given as JSON, by the column's type in DuckDB. What
 * passes is written in a form that DuckDB reads as that very value: nothing that was
 * accepted stops a run later. A number that JSON's readers would round may be given as a text.
 */
export function keyValueReader(type: string): Read {
  const integer = integers.get(type);
  if (integer) return (value) => readInteger(value, integer);
  const [, width, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (width && scale) return (value) => readDecimal(value, Number(width), Number(scale));
  const issue = `is of type "${type}", whose values cannot be given as keys`;
  return readers.get(type) ?? (() => ({ issue }));
}

interface Bounds {
  readonly least: bigint;
  readonly most: bigint;
}

const signed = (bits: bigint): Bounds => ({
  least: -(2n ** (bits - 1n)),
  most: 2n ** (bits - 1n) - 1n,
});
const unsigned = (bits: bigint): Bounds => ({ least: 0n, most: 2n ** bits - 1n });

const integers: ReadonlyMap<string, Bounds> = new Map([
  ['TINYINT', signed(8n)],
  ['SMALLINT', signed(16n)],
  ['INTEGER', signed(32n)],
  ['BIGINT', signed(64n)],
  ['UTINYINT', unsigned(8n)],
  ['USMALLINT', unsigned(16n)],
  ['UINTEGER', unsigned(32n)],
  ['UBIGINT', unsigned(64n)],
]);

function readInteger(value: unknown, { least, most }: Bounds): ReturnType<Read> {
  const digits = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof digits === 'string' && /^(0|-?[1-9]\d{0,19})$/.test(digits)) {
    const number = BigInt(digits);
    if (number >= least && number <= most) return { json: digits };
  }
  return { issue: `must be a whole number from ${least} to ${most}; beyond 2^53 as a text` };
}

function readDecimal(value: unknown, width: number, scale: number): ReturnType<Read> {
  const text = typeof value === 'number' ? String(value) : value;
  const [, whole, fraction = ''] =
    (typeof text === 'string' && /^-?(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text)) || [];
  const wholeDigits = whole === '0' ? 0 : (whole?.length ?? 0);
  if (whole && wholeDigits <= width - scale && fraction.length <= scale) {
    return { json: JSON.stringify(text) };
  }
  const form = `${width - scale} digits before the point and ${scale} after it`;
  return { issue: `must be a number of at most ${form}, best given as a text` };
}

const text =
  (isOne: (value: string) => boolean, expected: string): Read =>
  (value) =>
    typeof value === 'string' && isOne(value)
      ? { json: JSON.stringify(value) }
      : { issue: `must be ${expected}` };

const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
const timestamp = z.regexes.datetime({ offset: true });
const isDate = (value: string) => z.regexes.date.test(value);

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  // What PostgreSQL cannot hold was refused with the request.
  ['VARCHAR', text(() => true, 'a text')],
  [
    'BOOLEAN',
    (value) =>
      typeof value === 'boolean' ? { json: String(value) } : { issue: 'must be true or false' },
  ],
  ['UUID', text((value) => z.regexes.guid.test(value), 'a UUID')],
  ['DATE', text(isDate, 'a date such as "2026-01-31"')],
  [
    'TIMESTAMP',
    text((value) => {
      const [date = '', clock = '', ...more] = value.split('T');
      return isDate(date) && time.test(clock) && more.length === 0;
    }, 'a time without an offset, such as "2026-01-31T12:00:00"'),
  ],
  [
    'TIMESTAMP WITH TIME ZONE',
    text(
      (value) => timestamp.test(value) && !/\.\d{7}/.test(value),
      'a time with its offset, such as "2026-01-31T12:00:00Z"',
    ),
  ],
]);
