/**
 * The folders of a partition as Hive names them, `region=eu/plan=free`, which Athena,
 * Spark, DuckDB and others read back as columns.
 *
 * Each is one segment of a key, whatever a value holds: Hive's own escapes are kept
 * (`FileUtils.escapePathName`), and what only some parties read the same is escaped
 * in the same way.
 */
export function partitionPath(
  columns: readonly string[],
  values: readonly (string | null)[],
): string {
  return columns
    .map((column, index) => `${escapePart(column)}=${valuePart(values[index])}`)
    .join('/');
}

/** NULL, and the empty text, which Hive does not tell apart from it in a key. */
function valuePart(value: string | null | undefined): string {
  return value === null || value === undefined || value === ''
    ? '__HIVE_DEFAULT_PARTITION__'
    : escapePart(value);
}

/** Besides Hive's: control and direction characters, other line ends, and spaces at either end. */
const special = /["#%'*/:=?\\{}[\]^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^ | $/gu;

function escapePart(text: string): string {
  return text.replace(special, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${hex(byte)}`).join(''),
  );
}

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');
