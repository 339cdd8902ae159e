import type { ErrorEntry } from './error-entry.ts';

/** Of deliveries and runs: what keeps one from beginning, or from being done again. */
export const deliveryErrors = {
  lookback_too_large: {
    status: 422,
    retry: 'after_fix',
    message: (d: { limit: number }) =>
      `Cannot look back so far: more than ${d.limit} rows would have to be remembered for a customer`,
    hint: () => 'Give the delivery a shorter "lookbackSeconds"',
  },
  replaced_files_stay: {
    status: 409,
    retry: 'later',
    message: (d: { count: number; reason: string }) =>
      `Cannot delete ${d.count} files of earlier runs: ${d.reason}`,
    hint: () => 'Delete these files by hand: the manifest names the runs that it replaces',
  },
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
  run_ended: {
    status: 409,
    retry: 'never',
    message: (d: { runId: string; state: string }) =>
      `Cannot cancel run "${d.runId}": it has ended, and is ${d.state}`,
    hint: () => 'Look at the run: it says what each customer received',
  },
  nothing_to_retry: {
    status: 409,
    retry: 'never',
    message: (d: { runId: string }) =>
      `Cannot retry run "${d.runId}": no part of it failed that was not delivered since, to a customer that the delivery still goes to`,
    hint: () => 'Run the delivery if there is something new to send',
  },
} as const satisfies Record<string, ErrorEntry>;
