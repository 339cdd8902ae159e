import { CausewayError, type FormedSource, formatOfName } from '@causeway/contract';
import type { Engine, InputFile, SourceInput } from '@causeway/engine';
import type { SourceOfDataset } from './sources.ts';

/** A source that is made of files, and that says how they are written. */
export type FormedDataset = SourceOfDataset & { readonly source: FormedSource };

/** How the files of a source are to be read; Parquet when neither the source nor its name says. */
export function formOf(source: FormedSource, name: string): FormedSource['format'] {
  return source.format ?? formatOfName(name) ?? 'parquet';
}

/**
 * A source with its form said in full. The dialect of CSV is proposed from the first of
 * `files`, where the source leaves it open.
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
  const settled = { ...source, format: formOf(source, name) };
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
