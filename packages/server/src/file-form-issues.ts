import { type DeliveryCreate, keyTemplateIssue } from '@causeway/contract';

/** What cannot be about the form of a delivery's files, by path. */
export function fileFormIssues(
  input: Pick<DeliveryCreate, 'format' | 'compression' | 'csv' | 'keyTemplate'>,
): { path: string; message: string }[] {
  const { format, compression, csv } = input;
  const issues: { path: string; message: string }[] = [];
  if (format !== 'parquet' && compression === 'snappy') {
    const message = `must be "gzip", "zstd" or "none" for format "${format}"`;
    issues.push({ path: 'compression', message });
  }
  if (csv !== undefined && format !== 'csv') {
    issues.push({ path: 'csv', message: `is for format "csv", not "${format}"` });
  }
  const template = input.keyTemplate === null ? null : keyTemplateIssue(input.keyTemplate, false);
  if (template !== null) issues.push({ path: 'keyTemplate', message: template });
  return issues;
}
