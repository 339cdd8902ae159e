import type { ErrorEntry } from './error-entry.ts';

/** What is refused to those who connect, by a setup link or in the name of a customer: a part of the table in `errors.ts`. */
export const setupLinkErrors = {
  setup_link_not_usable: {
    status: 410,
    retry: 'after_fix',
    message: (d: { found: 'malformed' | 'unknown' | 'revoked' | 'expired' }) =>
      `Cannot open the setup link: ${
        {
          malformed: 'it is not complete',
          unknown: 'it is unknown',
          revoked: 'it was revoked',
          expired: 'it has expired',
        }[d.found]
      }`,
    hint: () => 'Copy the whole link again, or ask whoever sent it for a new one',
  },
  session_ended: {
    status: 401,
    retry: 'after_fix',
    message: (_: object) => 'Cannot go on: this setup session is unknown or has ended',
    hint: () => 'Open the setup link again: nothing that was entered is lost',
  },
  not_for_setup: {
    status: 403,
    retry: 'never',
    message: (d: { operation: string }) =>
      `Cannot call "${d.operation}" in a setup session: it may set up its own connection and nothing else`,
    hint: () => 'Ask the operator, who can do this with an API key',
  },
  account_pinned: {
    status: 409,
    retry: 'after_fix',
    message: (d: { expected: string; found: string }) =>
      `Cannot connect account "${d.found}": this setup link is for account "${d.expected}"`,
    hint: () =>
      'Set the connection up in that account, or ask whoever sent the link for one without a fixed account',
  },
  not_verifiable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { found: string }) => `Cannot use "${d.found}": it could not be verified`,
    hint: () =>
      'Check that it is yours and written correctly; if so, ask the operator to look at its connections',
  },
  too_many_requests: {
    status: 429,
    retry: 'later',
    message: (d: { what: string; retryAfterSeconds: number }) =>
      `Cannot ${d.what} now: there were too many requests`,
    hint: (d: { retryAfterSeconds: number }) =>
      `Try again in ${d.retryAfterSeconds} ${d.retryAfterSeconds === 1 ? 'second' : 'seconds'}`,
  },
} as const satisfies Record<string, ErrorEntry>;
