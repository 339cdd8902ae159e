import type { RunJournal } from '@causeway/delivery';
import { PgBoss } from 'pg-boss';
import type { Db } from '../database.ts';
import { forgetOldKeys } from '../idempotency.ts';
import { queueSchema, type RunJob, runQueue } from './queue.ts';
import { RunsInHand, type WorkerOptions } from './runs-in-hand.ts';

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
      const work = new RunsInHand(options, journal);
      const boss = await listenToQueue(databaseUrl, options, work);
      const sweeper = startSweeper(db, options, work);
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
    // A job says that there is work; which run comes next is a matter of turns.
    () => work.work(),
  );
  return boss;
}

/**
 * Looks for runs that nobody works on: at once, and then every few seconds. So those are
 * found that a worker has left, whose jobs were used up, or whose share had no place free.
 */
function startSweeper(db: Db, options: WorkerOptions, work: RunsInHand): { stop(): Promise<void> } {
  let tidied = 0;
  const sweep = async () => {
    try {
      work.fill();
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
