import { fromKysely, PgBoss } from 'pg-boss';
import type { Db } from '../database.ts';

export const runQueue = 'runs';
export const queueSchema = 'pgboss';

/** A day, the longest that pg-boss allows; a worker that is gone is noticed by its heartbeat. */
const longestJobSeconds = 86_400;

export interface RunJob {
  readonly runId: string;
}

/** Puts the job "work on this run" into the queue, in the transaction given. */
export type SendRunJob = (trx: Db, runId: string) => Promise<void>;

export interface Queue {
  readonly send: SendRunJob;
  close(): Promise<void>;
}

/** Opens the queue for sending, and makes it when it does not exist. */
export async function openQueue(databaseUrl: string): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'causeway queue',
    schema: queueSchema,
    max: 1,
    supervise: false,
    schedule: false,
  });
  // Told by the calls that fail; without a listener it would end the process.
  boss.on('error', () => {});
  try {
    await boss.start();
    await makeQueue(boss);
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  }
  return {
    async send(trx, runId) {
      const job: RunJob = { runId };
      await boss.send(runQueue, job, { db: fromKysely(trx) });
    },
    close: () => boss.stop(),
  };
}

async function makeQueue(boss: PgBoss): Promise<void> {
  await boss.createQueue(runQueue, {
    notify: true,
    heartbeatSeconds: 10,
    expireInSeconds: longestJobSeconds,
    retryLimit: 10,
    retryBackoff: true,
  });
  // Reads the queue into the sender's cache: a first look inside a transaction
  // would wait for a second connection.
  await boss.findJobs(runQueue, { id: '00000000-0000-0000-0000-000000000000' });
}
