import { z } from 'zod';

/** `jsonl`: a JSON object on each line. `json`: one JSON array of objects. */
export const Format = z.enum(['parquet', 'csv', 'jsonl', 'json']);
export type Format = z.infer<typeof Format>;

/**
 * Within a Parquet file, where any of these goes; around a text file, where it is
 * `gzip`, `zstd` or `none` and shows in the file's name.
 */
export const Compression = z.enum(['zstd', 'snappy', 'gzip', 'none']);
export type Compression = z.infer<typeof Compression>;

/** CSV by RFC 4180: a field is quoted with `"`, which is doubled within, where it needs to be. */
export const CsvForm = z
  .strictObject({
    delimiter: z.enum([',', ';', '\t', '|']).default(','),
    header: z.boolean().default(true).describe('Whether each file begins with the names'),
    nullText: z
      .string()
      .max(32)
      .regex(/^[^"\r\n,;\t|]*$/, 'must hold no quote, line break or delimiter')
      .default('')
      .describe('What stands for NULL, unquoted; a text that is the same is quoted'),
    lineEnd: z.enum(['lf', 'crlf']).default('lf'),
    formulaGuard: z
      .enum(['off', 'escape'])
      .default('off')
      .describe(
        '`escape`: for people who open the file in a spreadsheet, a text that it would take for a formula gets an apostrophe before it; other readers see that apostrophe',
      ),
  })
  .meta({ id: 'CsvForm' });
export type CsvForm = z.infer<typeof CsvForm>;

const mebibyte = 1024 ** 2;

/**
 * No file grows much beyond this, so that none comes near the 160 GB at which an
 * upload of S3 runs out of part numbers, and readers can share the work.
 */
export const targetFileBytes = z
  .int()
  .min(mebibyte)
  .max(100 * 1024 * mebibyte)
  .default(1024 * mebibyte)
  .describe('A file that has come to about this many bytes is followed by another');

export const keyTemplate = z
  .string()
  .min(1)
  .max(300)
  .nullable()
  .default(null)
  .describe(
    'Where files lie below the prefix, as "{dataset}/{customer}/dt={date}/{runId}_{index}.{ext}"; null: the usual layout',
  );

export const partitionBy = z
  .array(z.string().min(1))
  .max(5)
  .default([])
  .describe(
    'Columns whose values part the rows into folders as "region=eu/plan=free/"; none: by the day of the run, "dt=2026-01-31/"',
  );

export const filePerRecord = z
  .boolean()
  .default(false)
  .describe(
    'Each pushed record is a file of its own, one JSON object, for format "json" or "jsonl"; its position may be in the name as {position}',
  );

/** With a file for each record: of so many a run consists at most, and the next has the rest. */
export const mostRecordFiles = 1000;
