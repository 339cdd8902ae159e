import { z } from 'zod';

export const Format = z.enum(['parquet', 'jsonl']);
export type Format = z.infer<typeof Format>;

/** `zstd` is Parquet's own; JSON lines leave as they are until the compressed forms join. */
export const Compression = z.enum(['zstd', 'snappy', 'none']);
export type Compression = z.infer<typeof Compression>;

/**
 * - `full`: every run sends all rows; its window ends at the version of the source.
 * - `incremental`: a run sends the rows whose cursor column lies in `[from, to)`.
 */
export const Mode = z.enum(['full', 'incremental']);
export type Mode = z.infer<typeof Mode>;

/** Half open: `[from, to)`. `from` null means from the beginning. */
export const Window = z
  .object({ from: z.iso.datetime().nullable(), to: z.iso.datetime() })
  .meta({ id: 'Window' });
export type Window = z.infer<typeof Window>;

/** What a run sends, and in what form. A run keeps the terms that it was made under. */
export const DeliveryTerms = z.object({
  mode: Mode,
  format: Format,
  compression: Compression,
});
export type DeliveryTerms = z.infer<typeof DeliveryTerms>;

export const Delivery = z
  .object({
    id: z.string(),
    name: z.string(),
    datasetId: z.string(),
    customerIds: z.array(z.string()),
    ...DeliveryTerms.shape,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryCreate = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    datasetId: z.string(),
    customerIds: z.array(z.string()).min(1).max(10_000),
    mode: Mode.default('full'),
    format: Format.default('parquet'),
    compression: Compression.optional().describe('Default: zstd for Parquet, none for JSON lines'),
  })
  .meta({ id: 'DeliveryCreate' });
export type DeliveryCreate = z.output<typeof DeliveryCreate>;
