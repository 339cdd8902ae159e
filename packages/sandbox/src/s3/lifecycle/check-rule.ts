import { AwsError } from '../../http/aws-error.ts';
import type { LifecycleRule } from '../../state/lifecycle-records.ts';
import { invalidArgument } from './read-time.ts';

/** An object of these classes is paid for at least so long, so S3 does not move it there earlier. */
const minDays: Readonly<Record<string, number>> = { STANDARD_IA: 30, ONEZONE_IA: 30 };

/**
 * Refuses rules whose parts contradict each other.
 *
 * @throws AwsError `InvalidArgument` or `InvalidRequest`
 */
export function checkRule(rule: LifecycleRule): void {
  checkFilter(rule);
  checkTimes(rule);
  for (const { days, storageClass } of rule.transitions) {
    const least = minDays[storageClass] ?? 0;
    if (days !== undefined && days < least) {
      throw invalidArgument(
        `'Days' in Transition action must be greater than or equal to ${least} for storageClass '${storageClass}'`,
      );
    }
  }
  for (const { days, storageClass } of rule.noncurrentTransitions) {
    const least = minDays[storageClass] ?? 0;
    if (days < least) {
      throw invalidArgument(
        `'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to ${least} for storageClass '${storageClass}'`,
      );
    }
  }
}

/** Uploads and delete markers have neither tags nor sizes. */
function checkFilter({ filter, abortUploadDays, expiredObjectDeleteMarker }: LifecycleRule): void {
  const { tags, sizeGreaterThan, sizeLessThan } = filter;
  const hasSize = sizeGreaterThan !== undefined || sizeLessThan !== undefined;
  for (const [name, isThere] of [
    ['AbortIncompleteMultipartUpload', abortUploadDays !== undefined],
    ['ExpiredObjectDeleteMarker', expiredObjectDeleteMarker !== undefined],
  ] as const) {
    if (isThere && tags) throw invalidRequest(`${name} cannot be specified with Tags.`);
    if (isThere && hasSize) throw invalidRequest(`${name} cannot be specified with Object Size.`);
  }
  if (
    sizeGreaterThan !== undefined &&
    sizeLessThan !== undefined &&
    sizeGreaterThan >= sizeLessThan
  ) {
    throw invalidRequest(
      "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
    );
  }
}

function checkTimes(rule: LifecycleRule): void {
  const { expiration, transitions, noncurrentExpiration, noncurrentTransitions, filter } = rule;
  const prefix = filter.prefix ?? '';
  const times = [...(expiration ? [expiration] : []), ...transitions];
  const byDate = times.filter(({ date }) => date !== undefined);
  if (byDate.length > 0 && byDate.length < times.length) {
    throw invalidRequest(
      `Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '(prefix=${prefix})'`,
    );
  }
  for (const transition of transitions) {
    if (expiration && !isLater(expiration, transition)) {
      const unit = expiration.days === undefined ? 'Date' : 'Days';
      throw invalidArgument(
        `'${unit}' in the Expiration action for filter '(prefix=${prefix})' must be greater than '${unit}' in the Transition action`,
      );
    }
  }
  for (const { days } of noncurrentTransitions) {
    if (noncurrentExpiration && noncurrentExpiration.days <= days) {
      throw invalidArgument(
        `'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=${prefix})' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action`,
      );
    }
  }
}

function isLater(
  a: { readonly days?: number; readonly date?: string },
  b: { readonly days?: number; readonly date?: string },
): boolean {
  if (a.days !== undefined && b.days !== undefined) return a.days > b.days;
  return (a.date ?? '') > (b.date ?? '');
}

function invalidRequest(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message);
}
