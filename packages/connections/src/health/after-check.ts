import type { CheckReport, Connection, ConnectionStatus } from '@causeway/contract';
import { statusAfter } from '../check/status-after.ts';
import { nextCheckInSeconds } from './next-check.ts';

/** What follows from a check of a connection that stood as `before`. */
export function afterCheck(
  before: Connection,
  report: CheckReport,
  { now = new Date(), random = Math.random }: { now?: Date; random?: () => number } = {},
): { readonly status: ConnectionStatus; readonly nextCheckInSeconds: number | null } {
  const status = statusAfter(report, before.status);
  const since = status === before.status ? Date.parse(before.health.since) : now.getTime();
  const sinceSeconds = (now.getTime() - since) / 1000;
  return { status, nextCheckInSeconds: nextCheckInSeconds(status, sinceSeconds, random) };
}
