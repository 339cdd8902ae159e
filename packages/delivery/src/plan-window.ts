import type { Mode, Window } from '@causeway/contract';

export interface WindowPlan {
  readonly mode: Mode;
  /** The version of the source: its time of change, if it can be told. Ends the window of a full delivery. */
  readonly sourceVersion: string | null;
  readonly now: Date;
  /** Where windows end instead of both: nothing comes into one that ends there any more. */
  readonly sealedAt?: string;
  /** Where windows begin for who has had nothing; null or left out: with all there is. */
  readonly startsAt?: string | null;
  /** The window of the last delivery to this customer. */
  readonly lastDelivered: Window | null;
  /** A window asked for by name wins over all else. */
  readonly requested?: Window;
}

/**
 * Fixes the window `[from, to)` of a run for one customer, before anything is read.
 *
 * A full delivery's window ends at the version of its source, so that running it
 * again on an unchanged source is the same window and delivers nothing; without one, at
 * this moment. An
 * incremental one begins where the last delivery ended, or where its history does.
 */
export function planWindow(plan: WindowPlan): Window {
  if (plan.requested) return plan.requested;
  if (plan.mode === 'full')
    return { from: null, to: plan.sealedAt ?? plan.sourceVersion ?? plan.now.toISOString() };
  const { startsAt = null } = plan;
  return { from: plan.lastDelivered?.to ?? startsAt, to: plan.sealedAt ?? plan.now.toISOString() };
}
