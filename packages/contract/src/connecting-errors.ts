import type { ErrorEntry } from './error-entry.ts';

/** What goes wrong in setting connections up: a part of the table in `errors.ts`. */
export const connectingErrors = {
  account_not_allowed: {
    status: 422,
    retry: 'never',
    message: (d: { accountId: string }) =>
      `Cannot connect account "${d.accountId}": it is the operator's own account`,
    hint: () => "Give the account that holds the customer's role and bucket",
  },
  account_mismatch: {
    status: 409,
    retry: 'after_fix',
    message: (d: { connectionId: string; expected: string; found: string | null }) =>
      `Cannot confirm account "${d.expected}": connection "${d.connectionId}" has ${d.found === null ? 'no account yet' : `account "${d.found}"`}`,
    hint: () => 'Ask the customer which account holds its bucket, and confirm that one',
  },
  change_not_possible: {
    status: 422,
    retry: 'never',
    message: (d: { field: string; access: string; reason: string }) =>
      `Cannot set "${d.field}" of a connection by "${d.access}": ${d.reason}`,
    hint: () => 'Make a new connection, which fixes it from the start',
  },
  setup_not_possible: {
    status: 422,
    retry: 'after_fix',
    message: (d: { connectionId: string; reason: string }) =>
      `Cannot write the setup of connection "${d.connectionId}": ${d.reason}`,
    hint: () => 'Say where the bucket is and which account owns it, or choose another tool',
  },
  endpoint_not_allowed: {
    status: 422,
    retry: 'after_fix',
    message: (d: { endpoint: string; reason: string }) =>
      `Cannot use endpoint "${d.endpoint}": ${d.reason}`,
    hint: () =>
      'Give an https address that the operator of this Causeway allows; for AWS, give none',
  },
  access_key_refused: {
    status: 422,
    retry: 'after_fix',
    message: (d: { lastFour: string; reason: string; field?: 'secretAccessKey' }) =>
      `Cannot use access key "...${d.lastFour}": ${d.reason}`,
    hint: () =>
      "Make an access key of an IAM user of the customer's account, and enter its ID and secret",
  },
  secret_not_readable: {
    status: 500,
    retry: 'after_fix',
    message: (d: { of: string; field: string; reason: string }) =>
      `Cannot open secret "${d.field}" of "${d.of}": ${d.reason}`,
    hint: () =>
      'Give Causeway the key that it was sealed with (CAUSEWAY_SECRETS_KEY_FILE or CAUSEWAY_SECRETS_KMS_KEY), or enter the secret again',
  },
} as const satisfies Record<string, ErrorEntry>;
