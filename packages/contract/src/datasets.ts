import { z } from 'zod';
import { Source } from './sources.ts';

export const Column = z
  .object({
    name: z.string(),
    type: z.string().describe("DuckDB's name of the type"),
    nullable: z.boolean(),
  })
  .meta({ id: 'Column' });
export type Column = z.infer<typeof Column>;

/** A slug: it is a segment of every key that is delivered. */
const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'must be 1 to 63 of "a-z0-9_-" and start with a letter or digit',
  );

const deletedColumn = z
  .string()
  .min(1)
  .nullable()
  .describe(
    'Marks rows as deleted: true, or a time that is not null. Files leave them out, and tombstones name their primary keys',
  );

export const Dataset = z
  .object({
    id: z.string(),
    name,
    source: Source,
    customerColumn: z
      .string()
      .nullable()
      .describe('Rows go to the customer whose reference it holds; null: all rows to each'),
    cursorColumn: z
      .string()
      .nullable()
      .describe('The column that windows of incremental deliveries refer to'),
    primaryKey: z.array(z.string()),
    deletedColumn,
    schema: z.array(Column),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof Dataset>;

export const DatasetCreate = z
  .strictObject({
    name,
    source: Source,
    customerColumn: z.string().min(1).nullable().default(null),
    cursorColumn: z.string().min(1).nullable().default(null),
    primaryKey: z
      .array(z.string().min(1))
      .optional()
      .describe('Default: that of a table of PostgreSQL, else none'),
    deletedColumn: deletedColumn.default(null),
  })
  .meta({ id: 'DatasetCreate' });
export type DatasetCreate = z.output<typeof DatasetCreate>;
