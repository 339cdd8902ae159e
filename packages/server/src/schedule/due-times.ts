import { createHash } from 'node:crypto';
import type { DeliverySchedule } from '@causeway/contract';
import { CronExpressionParser } from 'cron-parser';

/** One that a clock begins. */
export type TimedSchedule = Exclude<DeliverySchedule, { type: 'batch' }>;
type CronSchedule = Extract<DeliverySchedule, { type: 'cron' }>;

/**
 * When a delivery is due for the first time, once it has been given this schedule. Null: what
 * it waits for makes it due.
 */
export function firstDue(schedule: TimedSchedule, deliveryId: string, now: Date): Date;
export function firstDue(schedule: DeliverySchedule, deliveryId: string, now: Date): Date | null;
export function firstDue(schedule: DeliverySchedule, deliveryId: string, now: Date): Date | null {
  if (schedule.type === 'cron') return nextCron(schedule, deliveryId, now);
  if (schedule.type === 'on_change') return now;
  if (schedule.type === 'batch') return null;
  return new Date(now.getTime() + jitterMs(schedule, deliveryId));
}

/**
 * When it is due next, after it was due at `due` and is seen to at `now`: always later
 * than `now`, so that times which were missed are caught up once. An interval keeps its beat.
 * Null: what it waits for makes it due.
 */
export function nextDue(schedule: TimedSchedule, deliveryId: string, due: Date, now: Date): Date;
export function nextDue(
  schedule: DeliverySchedule,
  deliveryId: string,
  due: Date,
  now: Date,
): Date | null;
export function nextDue(
  schedule: DeliverySchedule,
  deliveryId: string,
  due: Date,
  now: Date,
): Date | null {
  if (schedule.type === 'cron') return nextCron(schedule, deliveryId, now);
  if (schedule.type === 'batch') return null;
  if (schedule.type === 'on_change') return new Date(now.getTime() + schedule.pollSeconds * 1000);
  const beat = schedule.everyMinutes * 60_000;
  const beats = Math.max(1, Math.floor((now.getTime() - due.getTime()) / beat) + 1);
  return new Date(due.getTime() + beats * beat);
}

/**
 * Why this cannot be a cron schedule's expression, or null. Five fields of numbers, names,
 * ranges, lists and steps are what every cron understands; `L`, `#` and `H` are not.
 */
export function whyNotCron({ expression, timeZone }: CronSchedule): string | null {
  const fields = expression.split(/\s+/);
  if (fields.length !== 5) return `must have five fields, not ${fields.length}`;
  const strange = fields.find((field) => !/^(?:,?(?:\*|\w+(?:-\w+)?)(?:\/\d+)?)+$/.test(field));
  if (strange !== undefined) return `must have fields such as "*/15", "1-5" or "mon,thu"`;
  if (/(?:^|[\s,])[hl]\b/i.test(expression)) return 'must have no "H" and no "L"';
  try {
    occurrenceAfter({ expression, timeZone }, new Date());
    return null;
  } catch (error) {
    return `names no time that comes: ${(error as Error).message}`;
  }
}

/** Whether the IANA database, as this Node has it, knows a zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function nextCron(schedule: CronSchedule, deliveryId: string, now: Date): Date {
  const jitter = jitterMs(schedule, deliveryId);
  const time = occurrenceAfter(schedule, new Date(now.getTime() - jitter));
  return new Date(time.getTime() + jitter);
}

function occurrenceAfter(
  { expression, timeZone }: Pick<CronSchedule, 'expression' | 'timeZone'>,
  after: Date,
): Date {
  return CronExpressionParser.parse(expression, { currentDate: after, tz: timeZone })
    .next()
    .toDate();
}

/** Always the same for one delivery, so that its runs keep their distance. */
function jitterMs({ jitterSeconds }: { readonly jitterSeconds: number }, id: string): number {
  const fraction = createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(fraction * jitterSeconds * 1000);
}
