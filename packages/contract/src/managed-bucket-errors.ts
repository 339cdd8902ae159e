import type { ErrorEntry } from './error-entry.ts';

/** Failures of managed buckets; compare the table in errors.ts, of which they are a part. */
export const managedBucketErrors = {
  not_managed: {
    status: 422,
    retry: 'never',
    message: (d: { connectionId: string; access: string }) =>
      `Cannot do this with connection "${d.connectionId}": its access is "${d.access}", and its bucket is the customer's`,
    hint: () => 'Name a connection by "bucket_policy" or "operator_role"',
  },
  access_changed_by_hand: {
    status: 409,
    retry: 'after_fix',
    message: (d: { connectionId: string; differences: readonly string[] }) =>
      `Cannot change the access of connection "${d.connectionId}": somebody has changed it by hand (${d.differences.join('; ')})`,
    hint: () =>
      'Move what is needed into a setup of your own, or provision the connection with "bucketPolicy": "replace", which removes what was added',
  },
  bucket_not_ours: {
    status: 409,
    retry: 'after_fix',
    message: (d: { bucket: string; accountId: string }) =>
      `Cannot use bucket "${d.bucket}": it exists and does not belong to account ${d.accountId}`,
    hint: () =>
      'Tell the customer to stop writing to it, find out who deleted the bucket, and make a new connection',
  },
  change_in_progress: {
    status: 409,
    retry: 'later',
    message: (d: { connectionId: string }) =>
      `Cannot change connection "${d.connectionId}": another change of it is under way`,
    hint: () => 'Wait a few seconds and send the request again',
  },
} as const satisfies Record<string, ErrorEntry>;
