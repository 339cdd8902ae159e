import type { ErrorEntry } from './error-entry.ts';

/** What goes wrong with webhooks: a part of the table in `errors.ts`. */
export const webhookErrors = {
  webhook_url_not_allowed: {
    status: 422,
    retry: 'after_fix',
    message: (d: { url: string; reason: string }) =>
      `Cannot send webhooks to "${d.url}": ${d.reason}`,
    hint: () =>
      'Give an https address at a host of the internet, or have the operator list the host in CAUSEWAY_PRIVATE_WEBHOOK_HOSTS',
  },
} as const satisfies Record<string, ErrorEntry>;
