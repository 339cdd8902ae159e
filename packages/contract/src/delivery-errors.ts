import type { ErrorEntry } from './error-entry.ts';

/** Of deliveries and runs: what keeps one from beginning, or from being done again. */
export const deliveryErrors = {
  delivery_not_active: {
    status: 409,
    retry: 'after_fix',
    message: (d: { deliveryId: string; status: string }) =>
      `Cannot use delivery "${d.deliveryId}": it is ${d.status}`,
    hint: (d: { status: string }) =>
      d.status === 'paused'
        ? 'Resume the delivery, then try again'
        : 'Create another delivery: one that is archived stays so',
  },
} as const satisfies Record<string, ErrorEntry>;
