import type { RunJournal } from '@causeway/delivery';
import { PgBoss } from 'pg-boss';
import type { Db } from './database.ts';
import { forgetOldKeys } from './idempotency.ts';
import { type Places, places } from './places.ts';
import { queueSchema, type RunJob, runQueue } from './queue.ts';

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

export interface Worker {
  /** Takes nothing new, lets work in hand end, aborts it after the grace time, and waits for it. */
  stop(): Promise<void>;
}

export interface Jobs {
  /** Works on queued runs, and on those that a worker left when it was killed. */
  startWorker(options: WorkerOptions): Promise<Worker>;
}

const sweepMs = 5_000;
const housekeepingMs = 3_600_000;

export function jobs(databaseUrl: string, db: Db, journal: RunJournal): Jobs {
  return {
    async startWorker(options) {
      const work = new RunsInHand(options);
      const boss = await listenToQueue(databaseUrl, options, work);
      const sweeper = startSweeper(db, journal, options, work);
      let stopping: Promise<void> | undefined;
      return {
        stop() {
          stopping ??= (async () => {
            await sweeper.stop();
            const graceMs = (options.graceSeconds ?? 5) * 1000;
            await Promise.all([boss.offWork(runQueue, { wait: true }), work.end(graceMs)]);
            await boss.stop();
          })();
          return stopping;
        },
      };
    },
  };
}

/** Runs that this process works on: each once, and no more at a time than there are places. */
class RunsInHand {
  readonly #options: WorkerOptions;
  readonly #places: Places;
  readonly #inHand = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  #ending = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#places = places(options.concurrency);
  }

  get isFull(): boolean {
    return this.#inHand.size >= this.#options.concurrency;
  }

  /** Resolves when the run is out of hand again, by whichever call it came in. */
  work(runId: string): Promise<void> {
    const underway = this.#inHand.get(runId);
    if (underway) return underway;
    const done = this.#work(runId).finally(() => this.#inHand.delete(runId));
    this.#inHand.set(runId, done);
    return done;
  }

  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    const overtime = setTimeout(() => this.#abort.abort(), graceMs);
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand.values());
    clearTimeout(overtime);
  }

  async #work(runId: string): Promise<void> {
    await this.#places.take();
    try {
      if (!this.#ending) await this.#options.workOnRun(runId, this.#abort.signal);
    } catch (error) {
      this.#options.onError?.(error, runId);
      throw error;
    } finally {
      this.#places.give();
    }
  }
}

async function listenToQueue(
  databaseUrl: string,
  options: WorkerOptions,
  work: RunsInHand,
): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'causeway worker',
    schema: queueSchema,
    max: 3,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  });
  boss.on('error', (error) => options.onError?.(error, null));
  await boss.start();
  await boss.work<RunJob>(
    runQueue,
    {
      localConcurrency: options.concurrency,
      // A worker takes one job at a look, so this is how fast a backlog of short runs goes down.
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 0.5,
    },
    async (batch) => {
      for (const job of batch) await work.work(job.data.runId);
    },
  );
  return boss;
}

/**
 * Looks for runs that nobody works on: at once, and then every few seconds. It
 * finds them sooner than the queue's heartbeat does, and without a job too.
 */
function startSweeper(
  db: Db,
  journal: RunJournal,
  options: WorkerOptions,
  work: RunsInHand,
): { stop(): Promise<void> } {
  let tidied = 0;
  const sweep = async () => {
    try {
      for (const runId of await journal.abandonedRuns(options.owner)) {
        if (work.isFull) break;
        // Told to onError already.
        work.work(runId).catch(() => {});
      }
      if (Date.now() - tidied < housekeepingMs) return;
      tidied = Date.now();
      await forgetOldKeys(db);
    } catch (error) {
      options.onError?.(error, null);
    }
  };
  let underway = sweep();
  const timer = setInterval(() => {
    underway = underway.then(sweep);
  }, sweepMs);
  return {
    async stop() {
      clearInterval(timer);
      await underway;
    },
  };
}
