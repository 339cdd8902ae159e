import type { BucketRecord, ObjectRecord, UploadRecord } from '../../state/records.ts';
import { dueAt, looksInside, rulesFor } from './match-rule.ts';

/** `x-amz-expiration`: when a rule will expire this object, its key's newest version, and which. */
export function expirationHeader(
  bucket: BucketRecord | null | undefined,
  key: string,
  object: ObjectRecord,
): Record<string, string> {
  if (!bucket?.lifecycle) return {};
  const due = rulesFor(bucket.lifecycle, key, object).flatMap(({ id, expiration }) =>
    expiration ? [{ id, at: dueAt(object.modifiedAt, expiration) }] : [],
  );
  const first = earliest(due);
  if (!first) return {};
  const date = new Date(first.at).toUTCString();
  return {
    'x-amz-expiration': `expiry-date="${date}", rule-id="${encodeURIComponent(first.id)}"`,
  };
}

/** `x-amz-abort-date`: when a rule will abort this upload, and which. */
export function abortHeaders(
  bucket: BucketRecord | null,
  { key, initiatedAt }: UploadRecord,
): Record<string, string> {
  const due = (bucket?.lifecycle?.rules ?? []).flatMap(
    ({ id, isEnabled, filter, abortUploadDays }) =>
      isEnabled &&
      abortUploadDays !== undefined &&
      key.startsWith(filter.prefix ?? '') &&
      !looksInside(filter)
        ? [{ id, at: dueAt(initiatedAt, { days: abortUploadDays }) }]
        : [],
  );
  const first = earliest(due);
  if (!first) return {};
  return {
    'x-amz-abort-date': new Date(first.at).toUTCString(),
    'x-amz-abort-rule-id': encodeURIComponent(first.id),
  };
}

interface Due {
  readonly id: string;
  readonly at: number;
}

function earliest(due: readonly Due[]): Due | undefined {
  return due.reduce<Due | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
}
