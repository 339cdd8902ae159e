import type { DeliveryCreate } from '@causeway/contract';
import { isTimeZone, whyNotCron } from './due-times.ts';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What cannot be about when a delivery runs, by path. */
export function scheduleIssues({ schedule }: Pick<DeliveryCreate, 'schedule'>): Issue[] {
  if (schedule?.type !== 'cron') return [];
  if (!isTimeZone(schedule.timeZone)) {
    const message = `must be a zone of the IANA database, such as "Europe/Berlin"`;
    return [{ path: 'schedule.timeZone', message }];
  }
  const reason = whyNotCron(schedule);
  return reason === null ? [] : [{ path: 'schedule.expression', message: reason }];
}

/** What cannot be about whom a delivery goes to, by path. */
export function audienceIssues({
  customerIds,
  customerRule,
}: Pick<DeliveryCreate, 'customerIds' | 'customerRule'>): Issue[] {
  if (customerIds !== undefined && customerRule !== undefined) {
    return [{ path: 'customerRule', message: 'must not be given beside "customerIds"' }];
  }
  if (customerIds !== undefined || customerRule !== undefined) return [];
  const message = 'must name at least one customer, unless there is a "customerRule"';
  return [{ path: 'customerIds', message }];
}
