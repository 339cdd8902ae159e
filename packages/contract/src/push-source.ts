import { z } from 'zod';

/**
 * What a pushed column may hold, by DuckDB's name of the type: few, so that what is
 * accepted is never refused later, and comes out as it went in.
 */
export const PushColumnType = z.enum([
  'VARCHAR',
  'BOOLEAN',
  'BIGINT',
  'DOUBLE',
  'DATE',
  'TIMESTAMP WITH TIME ZONE',
  'JSON',
]);
export type PushColumnType = z.infer<typeof PushColumnType>;

export const PushColumn = z
  .strictObject({
    name: z.string().min(1).max(1000),
    type: PushColumnType,
    nullable: z
      .boolean()
      .default(true)
      .describe('Whether a record may lack it, or have null there; default true'),
  })
  .meta({ id: 'PushColumn' });
export type PushColumn = z.infer<typeof PushColumn>;

/** Rows that are sent to `POST /v1/datasets/{id}/records` and kept by Causeway. */
export const PushSource = z
  .strictObject({
    type: z.literal('push'),
    columns: z
      .array(PushColumn)
      .min(1)
      .max(1000)
      .refine(hasDistinctNames, 'must have names that differ by more than letter case')
      .describe('What each record is held against'),
    retentionDays: z
      .int()
      .min(0)
      .max(36_500)
      .nullable()
      .default(null)
      .describe(
        'Records are removed so many days after they were received, once all deliveries have passed them; null: never',
      ),
  })
  .meta({ id: 'PushSource' });
export type PushSource = z.infer<typeof PushSource>;

/** The engine, as SQL has it, takes no notice of case. */
function hasDistinctNames(columns: readonly PushColumn[]): boolean {
  return new Set(columns.map(({ name }) => name.toLowerCase())).size === columns.length;
}
