import type { CheckReport, Connection, ConnectionStatus } from '@causeway/contract';
import { statusAfter } from '../check/status-after.ts';
import { type Drift, driftBetween } from './drift.ts';
import { nextCheckInSeconds } from './next-check.ts';

export interface AfterCheck {
  readonly status: ConnectionStatus;
  readonly nextCheckInSeconds: number | null;
  /** What became other without breaking anything. */
  readonly advice: readonly Drift[];
}

/** What follows from a check of a connection that stood as `before`. */
export function afterCheck(
  before: Connection,
  report: CheckReport,
  { now = new Date(), random = Math.random }: { now?: Date; random?: () => number } = {},
): AfterCheck {
  const status = statusAfter(report, before.status);
  const since = status === before.status ? Date.parse(before.health.since) : now.getTime();
  const sinceSeconds = (now.getTime() - since) / 1000;
  return {
    status,
    nextCheckInSeconds: nextCheckInSeconds(status, sinceSeconds, random),
    advice: driftBetween(before.lastCheck, report),
  };
}
