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

/**
 * - `evolve`: columns that the source gets are sent from the next run on.
 * - `freeze`: they are left out until the dataset is refreshed.
 *
 * With either, a run fails when a column that it sends is gone or has another type.
 */
export const SchemaPolicy = z.enum(['evolve', 'freeze']);
export type SchemaPolicy = z.infer<typeof SchemaPolicy>;

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
    schemaPolicy: SchemaPolicy,
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
    schemaPolicy: SchemaPolicy.default('evolve').describe('What becomes of columns that it gets'),
  })
  .meta({ id: 'DatasetCreate' });
export type DatasetCreate = z.output<typeof DatasetCreate>;

/** What may be changed of a dataset; what is left out stays. Applies from the next run on. */
export const DatasetUpdate = z
  .strictObject({
    schemaPolicy: SchemaPolicy.optional(),
    source: Source.optional().describe(
      'In place of the one before, with the same columns; files, web, bucket and PostgreSQL may take the place of each other',
    ),
    acceptSchema: z
      .boolean()
      .default(false)
      .describe('With "source": whatever columns it has become those of the dataset'),
  })
  .meta({ id: 'DatasetUpdate' });
export type DatasetUpdate = z.output<typeof DatasetUpdate>;
