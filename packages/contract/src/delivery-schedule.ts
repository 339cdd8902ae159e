import { z } from 'zod';

const jitterSeconds = z
  .int()
  .min(0)
  .max(3600)
  .default(0)
  .describe(
    'Each delivery begins up to this much later, always by the same: many of one time do not begin at once',
  );

/**
 * When a delivery runs by itself.
 *
 * - `cron`: at these times of the clock in this zone. What falls into the hour that is left
 *   out in spring comes right after it, what falls into the hour that comes twice in autumn comes
 *   once, unless the expression repeats through the hours.
 * - `interval`: at once, and then every so many minutes.
 * - `on_change`: when the source is found to be another than at the last run; looked at this often,
 *   and at once when the source itself tells of a change, as pushed records do.
 * - `batch`: when so many pushed records or bytes of them wait, or one has waited for so long.
 *
 * Times that were missed, because nothing ran or because the delivery was at work, are caught up
 * by one run and not by one for each.
 */
export const DeliverySchedule = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('cron'),
      expression: z
        .string()
        .trim()
        .min(9)
        .max(200)
        .describe('Minute, hour, day of the month, month, day of the week'),
      timeZone: z.string().min(1).max(64).default('UTC').describe('Of the IANA database'),
      jitterSeconds,
    }),
    z.strictObject({
      type: z.literal('interval'),
      everyMinutes: z.int().min(1).max(525_600),
      jitterSeconds,
    }),
    z.strictObject({
      type: z.literal('on_change'),
      pollSeconds: z.int().min(5).max(86_400).default(60),
    }),
    z.strictObject({
      type: z.literal('batch').describe('For incremental deliveries of pushed records'),
      maxRecords: z.int().min(1).max(10_000_000).default(10_000),
      maxBytes: z
        .int()
        .min(1)
        .max(10_737_418_240)
        .default(16_777_216)
        .describe('Of the records as they are kept: JSON lines without needless spaces'),
      maxAgeSeconds: z.int().min(1).max(86_400).default(60),
    }),
  ])
  .meta({
    id: 'DeliverySchedule',
    examples: [{ type: 'cron', expression: '30 6 * * 1-5', timeZone: 'Europe/Berlin' }],
  });
export type DeliverySchedule = z.output<typeof DeliverySchedule>;

/** A schedule as people say it. */
export function scheduleInWords(schedule: DeliverySchedule | null): string {
  switch (schedule?.type) {
    case undefined:
      return 'when asked to';
    case 'cron':
      return `${schedule.expression} (${schedule.timeZone})`;
    case 'interval':
      return `every ${schedule.everyMinutes} min`;
    case 'on_change':
      return 'when the source changes';
    case 'batch':
      return `by ${schedule.maxRecords} records, or after ${schedule.maxAgeSeconds} s`;
  }
}
