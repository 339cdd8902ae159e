import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Incoming } from '../http/incoming.ts';
import { isJsonObject } from '../http/json-object.ts';
import type { Reply } from '../http/reply.ts';
import { failure, json, readJson } from './control-reply.ts';

interface ClockChange {
  readonly advanceSeconds?: number;
  readonly now?: string;
  readonly frozen?: boolean;
}

/**
 * `GET` tells the sandbox's time; `POST` moves, stops or starts it.
 *
 * A change is answered when all that became due by it has been done, and not
 * before the next second begins: signatures know whole seconds, and what is
 * signed after the answer must not look as old as what was signed before the change.
 */
export async function handleClock(incoming: Incoming, clock: Clock): Promise<Reply> {
  if (incoming.method === 'GET') return describe(clock);
  if (incoming.method !== 'POST') {
    return failure(405, `${incoming.method} does not work on the clock`, 'Use GET or POST');
  }
  const change = readChange(await readJson(incoming));
  if (typeof change === 'string') {
    const hint =
      'Send {"advanceSeconds": 3600}, {"now": "2030-01-01T00:00:00Z"} or {"frozen": true}';
    return failure(400, `Cannot change the clock: ${change}`, hint);
  }
  if (change.frozen !== undefined) clock.setFrozen(change.frozen);
  if (change.now !== undefined) await clock.set(new Date(change.now));
  if (change.advanceSeconds !== undefined) await clock.advance(change.advanceSeconds * 1000);
  const wait = clock.settledAt().getTime() - clock.baseTime().getTime();
  if (wait > 0) await sleep(wait);
  return describe(clock);
}

function describe(clock: Clock): Reply {
  return json(200, { now: clock.now().toISOString(), frozen: clock.frozen });
}

/** What is to be changed, or what is wrong with it. */
function readChange(value: unknown): ClockChange | string {
  if (!isJsonObject(value)) return 'the body is not a JSON object';
  const known = ['advanceSeconds', 'now', 'frozen'];
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) return `"${unknown}" is not known`;
  const { advanceSeconds, now, frozen } = value;
  if (Object.keys(value).length === 0) return 'the body names no change';
  if (advanceSeconds !== undefined && now !== undefined) {
    return '"advanceSeconds" and "now" exclude each other';
  }
  if (advanceSeconds !== undefined && !isSeconds(advanceSeconds)) {
    return '"advanceSeconds" is not a number from 0 to 3155760000 (a hundred years)';
  }
  if (now !== undefined && !isTime(now))
    return '"now" is not a time such as "2030-01-01T00:00:00Z"';
  if (frozen !== undefined && typeof frozen !== 'boolean') return '"frozen" is not true or false';
  return value as ClockChange;
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 3_155_760_000;
}

/** A time without its zone would mean another one on each machine. */
function isTime(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}
