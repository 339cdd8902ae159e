import {
  CausewayError,
  type FormedSource,
  formatOfName,
  type SourceFormat,
} from '@causeway/contract';
import type { Engine, InputFile, SourceInput } from '@causeway/engine';
import type { SourceOfDataset } from './source-kind.ts';

/** A source that is made of files, and that says how they are written. */
export type FormedDataset = SourceOfDataset & { readonly source: FormedSource };

/** What a source or its name says of how its files are written. */
export function saidFormat(source: FormedSource, name: string): SourceFormat | null {
  return source.format ?? formatOfName(name);
}

/**
 * A source with its form said in full: the format by its name or that of the first of
 * `files`, else Parquet; the dialect of CSV, where the source leaves it open, from that file.
 *
 * @throws CausewayError `invalid_request` for what does not go together; `source_not_readable`.
 */
export async function settleForm<S extends FormedSource>(
  source: S,
  name: string,
  files: readonly InputFile[],
  engine: Pick<Engine, 'sniffCsv'>,
  signal: AbortSignal | undefined,
): Promise<S> {
  const [{ path, label = path } = { path: '' }] = files;
  const format = saidFormat(source, name) ?? formatOfName(label) ?? 'parquet';
  const settled = { ...source, format };
  refuseImpossible(settled);
  if (settled.format !== 'csv') return settled;
  const input = inputOf({ source: settled, schema: [] }, files.slice(0, 1));
  return { ...settled, csv: await engine.sniffCsv(input, signal) };
}

function refuseImpossible({ format, compression, csv, columns }: FormedSource): void {
  const issues: { path: string; message: string }[] = [];
  if (format === 'parquet' && compression !== undefined) {
    issues.push({
      path: 'source.compression',
      message: 'is not for Parquet, which says it itself',
    });
  }
  if (format === 'parquet' && columns !== undefined) {
    issues.push({ path: 'source.columns', message: 'is not for Parquet, which says it itself' });
  }
  if (format !== 'csv' && csv !== undefined) {
    issues.push({ path: 'source.csv', message: `is not for format "${format}"` });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

/**
 * The one input of such a source. Columns have the types of the dataset, once it is
 * there; before, those that the source names.
 */
export function inputOf(
  { source, schema }: FormedDataset,
  files: readonly InputFile[],
): SourceInput {
  const { format = 'parquet', compression, csv } = source;
  const columns = schema.length > 0 ? schema : source.columns;
  return {
    name: 'source',
    format,
    data: { type: 'files', files, ...(compression !== undefined && { compression }) },
    ...(csv !== undefined && { csv }),
    ...(columns !== undefined && { columns: columns.map(({ name, type }) => ({ name, type })) }),
  };
}
