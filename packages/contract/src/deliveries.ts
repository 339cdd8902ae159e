import { z } from 'zod';
import { CustomerRule } from './customer-rule.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { DeliverySchedule } from './delivery-schedule.ts';
import {
  Compression,
  CsvForm,
  Format,
  filePerRecord,
  keyTemplate,
  partitionBy,
  targetFileBytes,
} from './file-form.ts';
import { columns, filter } from './row-selection.ts';

/**
 * - `full`: every run sends all rows; its window ends at the version of the source.
 * - `incremental`: a run sends the rows whose cursor column lies in `[from, to)`.
 */
export const Mode = z.enum(['full', 'incremental']);
export type Mode = z.infer<typeof Mode>;

/**
 * - `append`: the files of each run stay beside those of the runs before.
 * - `overwrite`: once a run's manifest is written, the files of its earlier runs are deleted.
 */
export const WriteMode = z.enum(['append', 'overwrite']);
export type WriteMode = z.infer<typeof WriteMode>;

const writeMode = WriteMode.default('append').describe(
  'Whether a full delivery deletes the files of its own earlier runs, once a new manifest is written',
);

const lookbackSeconds = z
  .int()
  .min(0)
  .max(30 * 24 * 3600)
  .default(0)
  .describe(
    'How far before its window a run of an incremental delivery looks for rows that came late, or were changed without moving on; each is sent once',
  );

/** Half open: `[from, to)`. `from` null means from the beginning. */
export const Window = z
  .object({ from: z.iso.datetime().nullable(), to: z.iso.datetime() })
  .meta({ id: 'Window' });
export type Window = z.infer<typeof Window>;

/** What a run sends, and in what form. A run keeps the terms that it was made under. */
export const DeliveryTerms = z.object({
  mode: Mode,
  lookbackSeconds,
  writeMode,
  format: Format,
  compression: Compression,
  csv: CsvForm.nullable().default(null).describe('How CSV is written; null for other formats'),
  targetFileBytes,
  filePerRecord,
  keyTemplate,
  partitionBy,
  filter,
  columns,
});
export type DeliveryTerms = z.infer<typeof DeliveryTerms>;

/**
 * - `active`: runs by its schedule, if it has one, and when asked to.
 * - `paused`: begins no run, nor a retry of one; what is under way goes on.
 * - `archived`: as paused, for good; it is kept for the sake of its runs.
 */
export const DeliveryStatus = z.enum(['active', 'paused', 'archived']);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

const name = z.string().trim().min(1).max(200);
const customerIds = z.array(z.string()).min(1).max(10_000);

export const Delivery = z
  .object({
    id: z.string(),
    name: z.string(),
    datasetId: z.string(),
    customerIds: z.array(z.string()).describe('Empty for a delivery by rule'),
    customerRule: CustomerRule.nullable(),
    status: DeliveryStatus,
    schedule: DeliverySchedule.nullable(),
    nextRunAt: z.iso
      .datetime()
      .nullable()
      .describe('When it is due, or its source is looked at; null while nothing begins by itself'),
    startsAt: z.iso
      .datetime()
      .nullable()
      .describe(
        'Where the first window of a customer begins, by "history"; null: with all there is',
      ),
    ...DeliveryTerms.shape,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryCreate = z
  .strictObject({
    name,
    datasetId: z.string(),
    customerIds: customerIds.optional().describe('Give these or "customerRule"'),
    customerRule: CustomerRule.optional(),
    schedule: DeliverySchedule.nullable().default(null).describe('Null: it runs when asked to'),
    mode: Mode.default('full'),
    history: DeliveryHistory.default('all').describe('For incremental deliveries'),
    lookbackSeconds,
    writeMode,
    format: Format.default('parquet'),
    compression: Compression.optional().describe('Default: zstd for Parquet, none for text'),
    csv: CsvForm.optional().describe('For format "csv" alone'),
    targetFileBytes,
    filePerRecord,
    keyTemplate,
    partitionBy,
    filter,
    columns,
  })
  .meta({ id: 'DeliveryCreate' });
export type DeliveryCreate = z.output<typeof DeliveryCreate>;

export const DeliveryQuery = z.object({
  archived: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('Also those that were ended for good'),
});
export type DeliveryQuery = Partial<z.output<typeof DeliveryQuery>>;
