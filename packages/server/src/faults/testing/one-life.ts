import assert from 'node:assert/strict';
import { executeRun, type RunDeps, type RunOutcome } from '@causeway/delivery';
import type { CallWatch } from './watched-deps.ts';
import { watchedDeps } from './watched-deps.ts';

/** A point between a run and the outside: `journal.openUpload`, the second time, before it. */
export interface Moment {
  readonly call: string;
  /** From 1. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

export const nameOf = ({ call, nth, when }: Moment) => `${when} ${call} no. ${nth}`;

/** What becomes of a worker at a moment: it dies, or it stands still until it is woken. */
export interface Fate {
  readonly moment: Moment;
  readonly type: 'death' | 'standstill';
}

/** One worker's work on one run. */
export interface OneLife {
  /** The moment has come. */
  readonly reached: Promise<void>;
  /** What it came to; never rejects. */
  readonly ended: Promise<{ readonly outcome: RunOutcome | null; readonly error: unknown }>;
  /** It was told that its run is to be cancelled. */
  readonly hasHeard: Promise<void>;
  /** Every moment that passed so far, in order. */
  moments(): readonly Moment[];
  hasReached(): boolean;
  /** Lets it go on from its standstill. */
  wake(): void;
}

/**
 * Works on a run in this process, up to its end or its fate.
 *
 * Death is that from its moment on nothing of it reaches the outside: every call fails
 * before it leaves. For everybody else that is the same as a process that was killed, and
 * what it was about to clean up stays. (Real processes are killed in `killed-workers.test.ts`.)
 */
export function liveOnce(runId: string, deps: RunDeps, fate: Fate | null = null): OneLife {
  const reached = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const moments: Moment[] = [];
  const counts = new Map<string, number>();
  let isDead = false;
  let hasReached = false;
  const pass = async (moment: Moment) => {
    if (isDead) throw new Error('This worker is dead');
    moments.push(moment);
    if (!fate || hasReached || nameOf(moment) !== nameOf(fate.moment)) return;
    hasReached = true;
    reached.resolve();
    if (fate.type === 'standstill') return woken.promise;
    isDead = true;
    throw new Error('This worker dies here');
  };
  const watch: CallWatch = {
    before(call) {
      const nth = (counts.get(call) ?? 0) + 1;
      counts.set(call, nth);
      return pass({ call, nth, when: 'before' });
    },
    after(call) {
      const nth = (counts.get(`${call} answered`) ?? 0) + 1;
      counts.set(`${call} answered`, nth);
      return pass({ call, nth, when: 'after' });
    },
  };
  const listening = withJournal(deps, {
    async renewLease(lease) {
      const news = await deps.journal.renewLease(lease);
      if (news.cancelRequested) setImmediate(heard.resolve);
      return news;
    },
  });
  const ended = executeRun(runId, watchedDeps(listening, watch), new AbortController().signal).then(
    (outcome) => ({ outcome, error: null }),
    (error: unknown) => ({ outcome: null, error }),
  );
  return {
    reached: reached.promise,
    ended,
    hasHeard: heard.promise,
    moments: () => moments,
    hasReached: () => hasReached,
    wake: woken.resolve,
  };
}

function withJournal(deps: RunDeps, change: Partial<RunDeps['journal']>): RunDeps {
  return { ...deps, journal: { ...deps.journal, ...change } };
}

/** Fails, rather than wait for ever, when the moment never comes. */
export async function standsStill(life: OneLife): Promise<void> {
  await Promise.race([life.reached, life.ended]);
  assert.ok(life.hasReached(), 'it ended before its moment came');
}
