import type { RunJournal } from '@causeway/delivery';
import { places } from './places.ts';

/**
 * How long a run that this process has let go is left to others, or to rest: what hindered
 * it may pass.
 */
const restMs = 5_000;

export interface WorkerOptions {
  /**
   * Takes the run up and works on it to its end. Called more than once for the same
   * run at times: the lease decides who really works. A rejection leaves the run for
   * another try.
   */
  readonly workOnRun: (runId: string, signal: AbortSignal) => Promise<unknown>;
  /** How many runs at once. */
  readonly concurrency: number;
  /** Who holds the leases, see `newLeaseOwner`. */
  readonly owner: string;
  /** Told what went wrong outside a caller's sight; the worker goes on. */
  readonly onError?: (error: unknown, runId: string | null) => void;
  /** How long work in hand may go on once the worker is to stop. Default 5. */
  readonly graceSeconds?: number;
}

/**
 * Runs that this process works on: each once, and no more at a time than there are places.
 * Which comes next is a matter of turns, and no share takes the last place: while one
 * customer's runs fill all others for hours, another's still begin at once.
 */
export class RunsInHand {
  readonly #options: WorkerOptions;
  readonly #journal: Pick<RunJournal, 'nextRun'>;
  readonly #places;
  /** The share of each run in hand. */
  readonly #inHand = new Map<string, string>();
  /** When each run that was let go may be taken again. */
  readonly #resting = new Map<string, number>();
  readonly #lanes = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #looking: Promise<unknown> = Promise.resolve();
  #ending = false;

  constructor(options: WorkerOptions, journal: Pick<RunJournal, 'nextRun'>) {
    this.#options = options;
    this.#journal = journal;
    this.#places = places(options.concurrency);
  }

  /** Has all free places look for work, and does not wait for what they find. */
  fill(): void {
    for (let i = this.#inHand.size; i < this.#options.concurrency; i++) void this.work();
  }

  /** Waits for a place and works on one run after the other until there is none left. Never rejects. */
  work(): Promise<void> {
    const lane = this.#work().finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
    return lane;
  }

  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    const overtime = setTimeout(() => this.#abort.abort(), graceMs);
    while (this.#lanes.size > 0) await Promise.allSettled(this.#lanes);
    clearTimeout(overtime);
  }

  async #work(): Promise<void> {
    await this.#places.take();
    try {
      for (;;) {
        const runId = this.#ending ? null : await this.#next();
        if (runId === null) return;
        await this.#workOn(runId);
      }
    } catch (error) {
      this.#options.onError?.(error, null);
    } finally {
      this.#places.give();
    }
  }

  async #workOn(runId: string): Promise<void> {
    try {
      await this.#options.workOnRun(runId, this.#abort.signal);
    } catch (error) {
      this.#options.onError?.(error, runId);
    } finally {
      this.#inHand.delete(runId);
      this.#resting.set(runId, performance.now() + restMs);
    }
  }

  /** One place looks at a time, so that no two find the same. */
  #next(): Promise<string | null> {
    const found = this.#looking.then(() => this.#find());
    this.#looking = found.catch(() => {});
    return found;
  }

  async #find(): Promise<string | null> {
    for (const [runId, until] of this.#resting) {
      if (until < performance.now()) this.#resting.delete(runId);
    }
    const next = await this.#journal.nextRun(this.#options.owner, {
      runIds: [...this.#inHand.keys(), ...this.#resting.keys()],
      shares: this.#fullShares(),
    });
    if (next === null) return null;
    this.#inHand.set(next.runId, next.share);
    return next.runId;
  }

  #fullShares(): string[] {
    const most = Math.max(1, this.#options.concurrency - 1);
    const counts = new Map<string, number>();
    for (const share of this.#inHand.values()) counts.set(share, (counts.get(share) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= most).map(([share]) => share);
  }
}
