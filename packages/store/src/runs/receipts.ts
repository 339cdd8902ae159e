import { type Receipt, systemActor } from '@causeway/contract';
import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '../database.ts';
import { recordEvent } from '../events/events.ts';
import { tellRunChanged } from './run-channel.ts';

/** A delivery of which the customer has said nothing final so far. */
export interface AwaitedReceipt {
  readonly runId: string;
  readonly customerId: string;
  readonly connectionId: string;
  readonly manifestKey: string;
}

/** What customers say of deliveries, and where that is still to be looked for. */
export interface Receipts {
  /**
   * Takes deliveries of a run whose receipts have not been looked for lately: of all who ask
   * at once, one gets each.
   */
  takeOfRun(runId: string, limit: number): Promise<AwaitedReceipt[]>;
  /** The newest deliveries of the last {@link awaitedDays} over a connection. */
  takeOfConnection(connectionId: string, limit: number): Promise<AwaitedReceipt[]>;
  /**
   * Writes down what was found; null that there is nothing (any more). What the customer has
   * said is final, and told as an event once.
   */
  record(awaited: AwaitedReceipt, receipt: Receipt | null): Promise<void>;
}

/** A receipt is not looked for after so many days. */
const awaitedDays = 30;
/** Nobody has an answer sooner than this after a delivery, and not again after each look. */
const pauseSeconds = 10;

/** As the index has it. */
const isOpen = sql<boolean>`
  state = 'delivered' and (receipt is null or receipt ->> 'state' in ('not_valid', 'not_readable'))
`;

export function receipts(db: Db): Receipts {
  return {
    takeOfRun: (runId, limit) => take(db, sql`run_id = ${runId}`, limit),
    takeOfConnection: (connectionId, limit) =>
      take(db, sql`connection_id = ${connectionId}`, limit),
    record: (awaited, receipt) => record(db, awaited, receipt),
  };
}

async function take(db: Db, which: RawBuilder<unknown>, limit: number): Promise<AwaitedReceipt[]> {
  const { rows } = await sql<AwaitedReceipt>`
    update causeway.run_recipients as recipient set receipt_looked_at = clock_timestamp()
    from (
      select run_id, customer_id from causeway.run_recipients
      where ${which} and ${isOpen} and connection_id is not null and manifest_key is not null
        and greatest(coalesce(ended_at, committed_at), receipt_looked_at)
          < clock_timestamp() - make_interval(secs => ${pauseSeconds})
        and coalesce(ended_at, committed_at)
          > clock_timestamp() - make_interval(days => ${awaitedDays})
      order by run_id desc limit ${limit}
      for update skip locked
    ) as taken
    where recipient.run_id = taken.run_id and recipient.customer_id = taken.customer_id
    returning recipient.run_id as "runId", recipient.customer_id as "customerId",
      recipient.connection_id as "connectionId", recipient.manifest_key as "manifestKey"
  `.execute(db);
  return rows;
}

function record(
  db: Db,
  { runId, customerId }: AwaitedReceipt,
  receipt: Receipt | null,
): Promise<void> {
  return inTransaction(db, async (trx) => {
    const written = await trx
      .updateTable('run_recipients')
      .set({ receipt: receipt && JSON.stringify(receipt) })
      .where('run_id', '=', runId)
      .where('customer_id', '=', customerId)
      .where(isOpen)
      .returning(['delivery_id', 'connection_id'])
      .executeTakeFirst();
    const type = receipt && typeOf[receipt.state];
    if (!written || !type) return;
    const { state: _, ...after } = receipt;
    await recordEvent(trx, {
      type,
      actor: systemActor,
      runId,
      customerId,
      deliveryId: written.delivery_id,
      connectionId: written.connection_id,
      after,
    });
    await tellRunChanged(trx, runId);
  });
}

/** What is not final is shown, and told to nobody. */
const typeOf = {
  received: 'recipient.received',
  rejected: 'recipient.rejected',
  not_valid: null,
  not_readable: null,
} as const satisfies Record<Receipt['state'], string | null>;
