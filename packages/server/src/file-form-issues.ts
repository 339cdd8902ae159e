import { type Column, type DeliveryCreate, keyTemplateIssue } from '@causeway/contract';

/** What cannot be about the form of a delivery's files, by path. */
export function fileFormIssues(
  input: Pick<
    DeliveryCreate,
    'format' | 'compression' | 'csv' | 'keyTemplate' | 'partitionBy' | 'filePerRecord'
  >,
  schema: readonly Column[],
): { path: string; message: string }[] {
  const { format, compression, csv, keyTemplate, partitionBy, filePerRecord } = input;
  const issues: { path: string; message: string }[] = [];
  if (format !== 'parquet' && compression === 'snappy') {
    const message = `must be "gzip", "zstd" or "none" for format "${format}"`;
    issues.push({ path: 'compression', message });
  }
  if (csv !== undefined && format !== 'csv') {
    issues.push({ path: 'csv', message: `is for format "csv", not "${format}"` });
  }
  const files = { partitioned: partitionBy.length > 0, filePerRecord };
  const template = keyTemplate === null ? null : keyTemplateIssue(keyTemplate, files);
  if (template !== null) issues.push({ path: 'keyTemplate', message: template });
  for (const [index, name] of partitionBy.entries()) {
    const message = partitionIssue(name, partitionBy.slice(0, index), schema);
    if (message !== null) issues.push({ path: `partitionBy.${index}`, message });
  }
  return issues;
}

function partitionIssue(
  name: string,
  before: readonly string[],
  schema: readonly Column[],
): string | null {
  if (before.includes(name)) return `names "${name}" more than once`;
  const column = schema.find((candidate) => candidate.name === name);
  if (!column) return `names "${name}", which is no column of the dataset`;
  // Their text is no name for a folder: long, or not the same for equal values.
  return /[\])]$|^(BLOB|FLOAT|DOUBLE|JSON|INTERVAL)/.test(
    column.type.replace(/^DECIMAL\(.*\)$/, ''),
  )
    ? `names "${name}", whose type "${column.type}" no folder can be named by`
    : null;
}
