import type { ErrorEntry } from './error-entry.ts';

/** Of the operator's own identity towards AWS: its account, and the tokens that stand in for one. */
export const identityErrors = {
  operator_account_missing: {
    status: 422,
    retry: 'after_fix',
    message: (_: Record<never, never>) =>
      "Cannot use the operator's AWS account: this Causeway runs without AWS credentials",
    hint: () =>
      'Connect by "web_identity" or "access_key", or give Causeway AWS credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the machine) and start it again',
  },
  issuer_not_usable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { issuer: string; reason: string }) =>
      `Cannot use tokens of issuer "${d.issuer}": ${d.reason}`,
    hint: () =>
      "Leave the issuer out to use Causeway's own, whose CAUSEWAY_PUBLIC_URL must be an https address without port, or set CAUSEWAY_WEB_IDENTITY_TOKEN_FILE to a token of that issuer",
  },
  identity_token_rejected: {
    status: 422,
    retry: 'after_fix',
    message: (d: { roleArn: string; code: string; reason: string }) =>
      `Cannot assume role "${d.roleArn}" by a token: AWS STS answered ${d.code}: ${d.reason}`,
    hint: () =>
      "Run the check of the connection: it says whether the issuer is registered in the customer's account, with this audience",
  },
} as const satisfies Record<string, ErrorEntry>;
