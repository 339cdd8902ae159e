/** Values that some format, writer or reader has broken on, as texts; null: NULL. */
export interface UglyColumn {
  readonly name: string;
  /** As DuckDB calls it. */
  readonly type: string;
  /** Row `i` has number `i` of them, beginning anew after the last. */
  readonly values: readonly (string | null)[];
}

export const uglyRows = 20;

/** More than what programs read at once. */
const longText = 'long, "';
const longTimes = 20_000;

/** Names need quotes in CSV, and more than one byte for a letter. */
export const uglyColumns: readonly UglyColumn[] = [
  column('id', 'BIGINT', ...Array.from({ length: uglyRows }, (_, i) => String(i))),
  column(
    'text',
    'VARCHAR',
    ...[null, '', 'a,b;c|d\te', 'say "so"', 'two\nlines', 'back\r\nagain', 'NULL', '\\N', 'null'],
    ...[
      ' both sides ',
      '北京 ü 😀\u2028',
      '=1+1',
      '-5',
      "it's",
      'NaN',
      '{"a": NaN}',
      '# no comment',
    ],
    ...['\\', 'tab\tand "quote", both', longText.repeat(longTimes)],
  ),
  column(
    'say "so", or',
    'VARCHAR',
    ...['', '"', '\n', '\r', "'", null, 'é', '@cmd', 'true', '0123', '1e5', '2026-01-31', '\\n'],
    ...['\u0001\u001f', '<b>&amp;</b>', 'a'],
  ),
  column(
    'größe 北京',
    'BIGINT',
    ...['9223372036854775807', '-9223372036854775808', '0', null, '9007199254740993'],
  ),
  // What `sum` of integers makes.
  column(
    'total',
    'HUGEINT',
    ...['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999'],
    ...[null, '0', '9007199254740993'],
  ),
  column(
    'decimal',
    'DECIMAL(38,18)',
    ...['12345678901234567890.123456789012345678', '-0.000000000000000001', null, '0', '1.5'],
  ),
  column('price', 'DECIMAL(9,2)', '0.10', '-1234567.89', null, '0.00'),
  column(
    'number',
    'DOUBLE',
    ...['1.5', 'NaN', 'Infinity', '-Infinity', '-0', '1e300', '5e-324', '0.1', null],
    '9007199254740993',
  ),
  column('small', 'FLOAT', '0.1', '-16777217', null, '3.4028234663852886e38'),
  column('flag', 'BOOLEAN', 'true', 'false', null),
  column('day', 'DATE', '2026-01-31', '1969-12-31', null, '0044-03-15', '9999-12-31'),
  column(
    'moment',
    'TIMESTAMP',
    ...['2026-01-31 23:59:59.999999', '1969-12-31 23:59:59.000001', null, '2026-03-29 02:30:00'],
  ),
  column(
    'instant',
    'TIMESTAMP WITH TIME ZONE',
    ...['2026-01-31 23:59:59.999999', '1969-12-31 23:59:59.000001', null, '2026-10-25 00:30:00'],
  ),
  column('clock', 'TIME', '01:02:03.000004', '00:00:00', '23:59:59.999999', null),
  column(
    'uuid',
    'UUID',
    ...['6f9619ff-8b86-d011-b42d-00c04fc964ff', null, '00000000-0000-0000-0000-000000000000'],
  ),
  column('bytes', 'BLOB', '00ff22ab2c0a', '', null, '5c4e'),
];

function column(name: string, type: string, ...values: readonly (string | null)[]): UglyColumn {
  return { name, type, values };
}

/** What a column has in a row. */
export function valueAt({ values }: UglyColumn, row: number): string | null {
  return values[row % values.length] ?? null;
}

/** The rows as a query for DuckDB that reads nothing. */
export function uglyQuery(): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const literal = (value: string | null, type: string) => {
    if (value === null) return 'NULL';
    if (value === longText.repeat(longTimes)) return `repeat(${quoted(longText)}, ${longTimes})`;
    if (type === 'BLOB') return `unhex(${quoted(value)})`;
    if (type === 'TIMESTAMP WITH TIME ZONE') return quoted(`${value}+00`);
    return quoted(value);
  };
  const rows = Array.from({ length: uglyRows }, (_, row) => {
    const values = uglyColumns.map((each) => literal(valueAt(each, row), each.type));
    return `(${values.join(', ')})`;
  });
  const given = uglyColumns.map((_, i) => `c${i}`);
  const typed = uglyColumns.map((each, i) => `CAST(c${i} AS ${each.type}) AS ${name(each.name)}`);
  return `SELECT ${typed.join(', ')} FROM (VALUES ${rows.join(', ')}) AS given(${given.join(', ')})`;
}

/**
 * A value as every reader should have it, whatever way it writes it.
 *
 * @param asDoubles The reader takes numbers for doubles, as JavaScript does.
 */
export function canonical(type: string, text: string, asDoubles = false): string {
  switch (type) {
    case 'BIGINT':
    case 'HUGEINT':
      return asDoubles ? String(Number(text)) : String(BigInt(text));
    case 'FLOAT':
      return double(Math.fround(numberOf(text)));
    case 'DOUBLE':
      return double(numberOf(text));
    case 'BOOLEAN':
      return text.toLowerCase();
    case 'TIMESTAMP':
    case 'TIME':
      return withoutZeros(text.replace('T', ' '));
    case 'TIMESTAMP WITH TIME ZONE':
      return withoutZeros(text.replace('T', ' ').replace(/(\+00(:00)?|Z)$/, ''));
    case 'BLOB':
      // As it stands in text: printable ASCII, and \xHH for other bytes.
      return /^([0-9a-f]{2})*$/.test(text) ? text : Buffer.from(bytesOf(text)).toString('hex');
    default:
      if (!type.startsWith('DECIMAL')) return text;
      return asDoubles ? String(Number(text)) : withoutZeros(text);
  }
}

function numberOf(text: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^(-?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

/** Zero has a sign. */
function double(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function bytesOf(text: string): number[] {
  return [...text.matchAll(/\\x([0-9A-F]{2})|(.)/gs)].map(([, hex, letter = '']) =>
    hex === undefined ? letter.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}
