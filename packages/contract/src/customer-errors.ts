import type { ErrorEntry } from './error-entry.ts';

/** What goes wrong with what is known of customers: a part of the table in `errors.ts`. */
export const customerErrors = {
  invalid_role_arn: {
    status: 422,
    retry: 'never',
    message: (d: { found: string; reason: string }) => `Cannot use role "${d.found}": ${d.reason}`,
    hint: () =>
      'Give the ARN of an IAM role of the customer, such as "arn:aws:iam::222222222222:role/path/name"',
  },
  property_not_usable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { property: string; value: string; reason: string }) =>
      `Cannot use property "${d.property}" of the customer, which is "${d.value}": ${d.reason}`,
    hint: (d: { property: string }) =>
      `Correct property "${d.property}" of the customer, or take it away`,
  },
  csv_not_readable: {
    status: 422,
    retry: 'never',
    message: (d: { line: number; reason: string }) =>
      `Cannot read line ${d.line} of the CSV file: ${d.reason}`,
    hint: () =>
      'Save the table as CSV in UTF-8 with commas, quotes around cells that have commas, quotes or line breaks in them, and the names of the columns in its first line',
  },
  too_many_lines: {
    status: 413,
    retry: 'never',
    message: (d: { limit: number; found: number }) =>
      `Cannot import ${d.found} lines at once: at most ${d.limit} are taken`,
    hint: () =>
      'Split the file into several smaller ones, each with the names of the columns first',
  },
} as const satisfies Record<string, ErrorEntry>;
