import type { ConnectionStatus } from '@causeway/contract';

const minute = 60;
const day = 24 * 60 * minute;

/**
 * In how many seconds a connection is checked again by itself, a little earlier or
 * later by chance, so that those checked together drift apart. Null for one that a
 * person has paused.
 *
 * What works is looked at once a day: trust policies drift. What is in trouble resumes by
 * itself, so it is looked at soon, then ever more seldom: after a quarter of the time that
 * the trouble lasts, from a quarter of an hour up to a day. A customer that mends it at once
 * waits for minutes, and one that is gone finds one refused call a day in its log.
 */
export function nextCheckInSeconds(
  status: ConnectionStatus,
  sinceSeconds: number,
  random: () => number = Math.random,
): number | null {
  if (status === 'paused') return null;
  const due = status === 'active' ? day : clamp(sinceSeconds / 4, 15 * minute, day);
  return Math.round(jittered(due, random));
}

/** Up to a tenth more or less. */
export function jittered(value: number, random: () => number = Math.random): number {
  return value * (0.9 + 0.2 * random());
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
