import type { ErrorEntry } from './error-entry.ts';

export interface RecordIssue {
  /** Of the record, from 0. */
  readonly index: number;
  /** Null where it is the record as a whole. */
  readonly field: string | null;
  readonly reason: string;
}

/** What goes wrong with pushed records: a part of the table in `errors.ts`. */
export const pushErrors = {
  records_refused: {
    status: 422,
    retry: 'never',
    message: (d: { issues: readonly RecordIssue[] }) =>
      `Cannot accept the records: ${d.issues
        .map(({ index, field, reason }) =>
          field === null ? `record ${index} ${reason}` : `record ${index}, "${field}" ${reason}`,
        )
        .join('; ')}`,
    hint: () => 'Correct these records and send all of the request again: none of it was kept',
  },
  too_many_records: {
    status: 413,
    retry: 'never',
    message: (d: { limit: number }) =>
      `Cannot accept the records: there are more than ${d.limit} in one request`,
    hint: () => 'Split the request into several smaller ones',
  },
  not_pushed: {
    status: 409,
    retry: 'after_fix',
    message: (d: { datasetId: string }) =>
      `Cannot accept records for dataset "${d.datasetId}": its rows come from elsewhere`,
    hint: () => 'Create a dataset whose source has the type "push", and send records to that',
  },
} as const satisfies Record<string, ErrorEntry>;
