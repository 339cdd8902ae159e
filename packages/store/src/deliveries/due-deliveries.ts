import { type CausewayError, type Delivery, type Run, systemActor } from '@causeway/contract';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { recordEvent } from '../events/events.ts';
import { type NewRun, NothingToSendError } from '../runs/insert-run.ts';
import type { SendRunJob } from '../runs/queue.ts';
import { runs } from '../runs/runs.ts';
import { now, secondsFromNow } from '../timestamps.ts';
import { deliveries } from './deliveries.ts';
import { wakeBatches } from './wake-batches.ts';

/** How long a process may have a due delivery in hand before another takes it for dead. */
const holdSeconds = 120;

/** A delivery whose time has come, in the hand of one process. */
export interface DueDelivery {
  readonly delivery: Delivery;
  readonly dueAt: string;
  /** By the clock of the database, which all processes share. */
  readonly now: Date;
  /** The version of the source that all its customers have a run of. */
  readonly seenVersion: string | null;
}

/** How the turn of a due delivery ends. */
export interface DueOutcome {
  /** Null: what it waits for makes it due, which no clock knows. */
  readonly nextDue: Date | null;
  /** So long it is not looked at, whatever it waits for. */
  readonly restSeconds?: number;
  /** Made in the same transaction. */
  readonly run?: NewRun;
  /** The version of the source that the run sends. */
  readonly version?: string | null;
  /** Of a delivery in batches: until when its run has what was pushed. */
  readonly sealedAt?: string | null;
  /** Why no run is made. Told of by an event, unless it is as the time before. */
  readonly trouble?: CausewayError;
}

/**
 * Who begins which delivery when its time has come. A due delivery is held in the database, so
 * that of all processes one sees to it; and what comes of it counts only while it is still due
 * for that same time: none is begun twice, whatever happens to whoever held it.
 */
export interface DueDeliveries {
  /** Takes the delivery that has been due for longest. */
  take(): Promise<DueDelivery | null>;
  /**
   * Ends its turn. Null when there is no run to make, or when it is not due for that time any
   * more, as somebody else has seen to it, or changed or paused it.
   *
   * @throws CausewayError as `Runs.create` does: then it is as due as before.
   */
  settle(due: DueDelivery, outcome: DueOutcome): Promise<Run | null>;
  /**
   * The source of a dataset says itself that it changed: deliveries that run on change are due
   * at once. One that is being seen to at this moment may look a last time at what was before.
   */
  announceChange(datasetId: string): Promise<void>;
}

export function dueDeliveries(db: Db, sendJob: SendRunJob): DueDeliveries {
  return {
    async take() {
      await wakeBatches(db);
      const row = await db
        .updateTable('deliveries')
        .set({ schedule_taken_until: secondsFromNow(holdSeconds) })
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('deliveries')
            .select('id')
            .where('next_run_at', '<=', now)
            .where('status', '=', 'active')
            .where('schedule', 'is not', null)
            .where(sql<boolean>`coalesce(schedule_taken_until < clock_timestamp(), true)`)
            .orderBy('next_run_at')
            .limit(1)
            .forUpdate()
            .skipLocked(),
        )
        .returning(['id', 'next_run_at', 'seen_version', now.as('now')])
        .executeTakeFirst();
      if (!row || row.next_run_at === null) return null;
      return {
        delivery: await deliveries(db, systemActor).get(row.id),
        dueAt: row.next_run_at,
        now: new Date(row.now),
        seenVersion: row.seen_version,
      };
    },
    settle: (due, outcome) =>
      inTransaction(db, async (trx) => {
        const { id } = due.delivery;
        const row = await trx
          .selectFrom('deliveries')
          .select('last_trouble')
          .where('id', '=', id)
          .where('next_run_at', '=', due.dueAt)
          .where('status', '=', 'active')
          .forNoKeyUpdate()
          .executeTakeFirst();
        if (!row) return null;
        await endTurn(trx, due, outcome, row.last_trouble);
        if (!outcome.run) return null;
        const made = await makeRun(trx, outcome.run, sendJob);
        await rememberBegun(trx, due.delivery, outcome, made.someBusy);
        return made.run;
      }),
    async announceChange(datasetId) {
      await db
        .updateTable('deliveries')
        .set({ next_run_at: now })
        .where('dataset_id', '=', datasetId)
        .where('status', '=', 'active')
        .where(sql<boolean>`schedule ->> 'type' = 'on_change'`)
        .where('next_run_at', '>', now)
        .execute();
    },
  };
}

interface Made {
  readonly run: Run | null;
  /** Who was left out has yet to get what the others get. */
  readonly someBusy: boolean;
}

async function makeRun(trx: Db, newRun: NewRun, sendJob: SendRunJob): Promise<Made> {
  try {
    const run = await runs(trx, sendJob, systemActor).create(newRun);
    return { run, someBusy: run.leftOut.length > 0 };
  } catch (error) {
    if (!(error instanceof NothingToSendError)) throw error;
    return { run: null, someBusy: error.someBusy };
  }
}

/**
 * How far the runs of a delivery have come. In batches, whoever was left out is served with the
 * next; in case nothing more is pushed, it is due when the age of a batch has passed.
 */
async function rememberBegun(
  trx: Db,
  { id, schedule }: Delivery,
  { version, sealedAt }: DueOutcome,
  someBusy: boolean,
): Promise<void> {
  const begun =
    schedule?.type === 'batch'
      ? {
          ...(sealedAt && { begun_until: sealedAt }),
          ...(someBusy && { next_run_at: secondsFromNow(schedule.maxAgeSeconds) }),
        }
      : { ...(version && !someBusy && { seen_version: version }) };
  if (Object.keys(begun).length === 0) return;
  await trx.updateTable('deliveries').set(begun).where('id', '=', id).execute();
}

async function endTurn(
  trx: Db,
  due: DueDelivery,
  { nextDue, restSeconds, trouble }: DueOutcome,
  lastTrouble: string | null,
): Promise<void> {
  const { id, datasetId } = due.delivery;
  await trx
    .updateTable('deliveries')
    .set({
      next_run_at: nextDue?.toISOString() ?? null,
      schedule_taken_until: restSeconds === undefined ? null : secondsFromNow(restSeconds),
      last_trouble: trouble?.code ?? null,
    })
    .where('id', '=', id)
    .execute();
  if (!trouble || trouble.code === lastTrouble) return;
  await recordEvent(trx, {
    type: 'delivery.not_run',
    actor: systemActor,
    deliveryId: id,
    datasetId,
    cause: trouble.code,
    after: { dueAt: due.dueAt, message: trouble.message, hint: trouble.hint },
  });
}
