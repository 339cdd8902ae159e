/** Failures around access keys and other secrets: a part of the table in `errors.ts`. */
export const accessKeyErrors = {
  endpoint_not_allowed: {
    status: 422,
    retry: 'after_fix',
    message: (d: { endpoint: string; reason: string }) =>
      `Cannot use endpoint "${d.endpoint}": ${d.reason}`,
    hint: () =>
      'Give the https address of a store that the operator of this Causeway allows, or leave it out for AWS',
  },
  access_key_refused: {
    status: 422,
    retry: 'after_fix',
    message: (d: { lastFour: string; reason: string }) =>
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
} as const;
