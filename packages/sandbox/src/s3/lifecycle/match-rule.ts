import type {
  BucketLifecycle,
  LifecycleFilter,
  LifecycleRule,
  LifecycleTime,
} from '../../state/lifecycle-records.ts';
import type { ObjectRecord, VersionRecord } from '../../state/records.ts';
import { isDeleteMarker } from '../versions/version-rows.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Rules in force that are about this version. A delete marker has neither tags nor a size. */
export function rulesFor(
  { rules }: BucketLifecycle,
  key: string,
  record: VersionRecord,
): readonly LifecycleRule[] {
  return rules.filter(
    ({ isEnabled, filter }) =>
      isEnabled &&
      key.startsWith(filter.prefix ?? '') &&
      (isDeleteMarker(record) ? !looksInside(filter) : holds(filter, record)),
  );
}

/** Whether a filter asks for what only objects have. */
export function looksInside({ tags, sizeGreaterThan, sizeLessThan }: LifecycleFilter): boolean {
  return tags !== undefined || sizeGreaterThan !== undefined || sizeLessThan !== undefined;
}

/**
 * When something falls due that came to be at `from`: S3 adds the days and goes on
 * to the next midnight UTC.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days
 */
export function dueAt(from: string, { days, date }: LifecycleTime): number {
  if (days === undefined) return Date.parse(date);
  return Math.ceil((Date.parse(from) + days * dayMilliseconds) / dayMilliseconds) * dayMilliseconds;
}

function holds(filter: LifecycleFilter, { bytes, tags = {} }: ObjectRecord): boolean {
  const { sizeGreaterThan = -1, sizeLessThan = Number.POSITIVE_INFINITY } = filter;
  const wanted = Object.entries(filter.tags ?? {});
  return (
    bytes > sizeGreaterThan &&
    bytes < sizeLessThan &&
    wanted.every(([key, value]) => tags[key] === value)
  );
}
