import { z } from 'zod';
import { nameOfPostgres, PostgresSource } from './postgres-source.ts';
import { PushSource } from './push-source.ts';

/** How the rows of a file are written. */
export const SourceFormat = z.enum(['parquet', 'csv', 'json', 'jsonl']);
export type SourceFormat = z.infer<typeof SourceFormat>;

/** `auto`: told from the first bytes of each file. Parquet compresses inside and takes none. */
export const SourceCompression = z.enum(['auto', 'none', 'gzip', 'zstd']);
export type SourceCompression = z.infer<typeof SourceCompression>;

const character = z.string().regex(/^[\t -~]$/, 'must be one character of ASCII');

/**
 * How CSV is written. What is left out when a dataset is made is found out from the
 * file once and kept with the dataset: a run never guesses.
 */
export const CsvOptions = z
  .strictObject({
    delimiter: z
      .string()
      .regex(/^[\t -~]{1,4}$/, 'must be 1 to 4 characters of ASCII')
      .optional(),
    quote: character.or(z.literal('')).optional().describe('"" when nothing is quoted'),
    escape: character.or(z.literal('')).optional().describe('Before a quote inside quotes'),
    header: z.boolean().optional().describe('Whether the first line names the columns'),
    skipLines: z.int().min(0).max(1000).optional().describe('Lines before the header'),
    nullText: z.string().max(100).optional().describe('What stands for NULL; default empty'),
    quotedNull: z
      .boolean()
      .optional()
      .describe('Whether the null text counts as NULL within quotes too; default true'),
    encoding: z.enum(['utf-8', 'latin-1', 'utf-16']).optional().describe('Default utf-8'),
    dateFormat: z.string().min(1).max(100).optional().describe('Such as %d.%m.%Y'),
    timestampFormat: z.string().min(1).max(100).optional(),
    decimalSeparator: z.enum(['.', ',']).optional().describe('Default "."'),
  })
  .meta({ id: 'CsvOptions' });
export type CsvOptions = z.infer<typeof CsvOptions>;

/** A column whose type is said instead of found out, such as VARCHAR for numbers with leading zeros. */
export const ColumnType = z
  .strictObject({
    name: z.string().min(1).max(1000),
    type: z.string().min(1).max(4000).describe("DuckDB's name of the type"),
  })
  .meta({ id: 'ColumnType' });
export type ColumnType = z.infer<typeof ColumnType>;

/** How to read the files of a source, wherever they lie. */
const fileForm = {
  format: SourceFormat.optional().describe("Default: by the file's name, else Parquet"),
  compression: SourceCompression.optional().describe('Of CSV and JSON; default auto'),
  csv: CsvOptions.optional(),
  columns: z
    .array(ColumnType)
    .min(1)
    .max(10_000)
    .optional()
    .describe('Types of columns of CSV and JSON; those of the others are found out'),
};

export const FileSource = z
  .strictObject({
    type: z.literal('file'),
    path: z
      .string()
      .min(1)
      .max(4096)
      .describe('A file that the server can read, or several by a pattern with * and ?'),
    ...fileForm,
  })
  .meta({ id: 'FileSource' });
export type FileSource = z.infer<typeof FileSource>;

export const HttpSource = z
  .strictObject({
    type: z.literal('http'),
    url: z
      .string()
      .max(4096)
      .regex(
        /^https?:\/\/[^\s/@?#\\]+(\/[^\s?#\\]*)?(\?[^\s#\\]*)?$/i,
        'must be a web address without user, password and fragment',
      )
      .describe('A file on a web server, fetched for each run'),
    ...fileForm,
  })
  .meta({ id: 'HttpSource' });
export type HttpSource = z.infer<typeof HttpSource>;

export const BucketSource = z
  .strictObject({
    type: z.literal('bucket'),
    location: z
      .string()
      .max(1200)
      .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)$/su, 'must be "s3://bucket/key"')
      .describe(
        'An object in a bucket that the operator may read; several by a pattern with * and ?, or all under a prefix that ends in "/"',
      ),
    region: z
      .string()
      .regex(/^[a-z0-9-]{3,40}$/)
      .optional()
      .describe("Of the bucket; default the operator's"),
    accountId: z
      .string()
      .regex(/^[0-9]{12}$/)
      .optional()
      .describe("Whose the bucket must be; default the operator's"),
    ...fileForm,
  })
  .meta({ id: 'BucketSource' });
export type BucketSource = z.infer<typeof BucketSource>;

/** What a query calls a dataset: a plain name, which needs no quotes. */
const alias = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 of "a-z0-9_" and not start with a digit');

export const SqlSource = z
  .strictObject({
    type: z.literal('sql'),
    query: z
      .string()
      .min(1)
      .max(100_000)
      .describe('One SELECT, as DuckDB has it, over the datasets by these names'),
    datasets: z
      .record(alias, z.string())
      .refine((datasets) => {
        const count = Object.keys(datasets).length;
        return count >= 1 && count <= 100;
      }, 'must name 1 to 100 datasets')
      .describe('What the query calls each dataset: {"orders": "ds_..."}'),
  })
  .meta({ id: 'SqlSource' });
export type SqlSource = z.infer<typeof SqlSource>;

/** Where the rows of a dataset are read from. */
export const Source = z
  .discriminatedUnion('type', [
    FileSource,
    HttpSource,
    BucketSource,
    PostgresSource,
    SqlSource,
    PushSource,
  ])
  .meta({ id: 'Source' });
export type Source = z.infer<typeof Source>;

/** A source that is made of files. */
export type FormedSource = FileSource | HttpSource | BucketSource;

/** What a source is called in lists and messages: never with a secret in it. */
export function nameOfSource(source: Source): string {
  switch (source.type) {
    case 'file':
      return source.path;
    case 'http':
      // A query may be what lets one in, as that of a presigned address.
      return source.url.replace(/\?.*$/s, '');
    case 'bucket':
      return source.location;
    case 'postgres':
      return nameOfPostgres(source);
    case 'push':
      return 'pushed records';
    case 'sql':
      return `a query over ${Object.keys(source.datasets).join(', ')}`;
  }
}

const extensions: readonly (readonly [RegExp, SourceFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv|txt)(\.(gz|zst))?$/i, 'csv'],
  [/\.json(\.(gz|zst))?$/i, 'json'],
  [/\.(jsonl|ndjson)(\.(gz|zst))?$/i, 'jsonl'],
];

/** The format that the name of a file, or of a pattern, says; null when it says none. */
export function formatOfName(name: string): SourceFormat | null {
  return extensions.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
