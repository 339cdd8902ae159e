import type { IssuerKeyStore, SecretStore } from '@causeway/connections';
import { type Actor, systemActor } from '@causeway/contract';
import type { RunJournal } from '@causeway/delivery';
import { sql } from 'kysely';
import { type CheckSchedule, checkSchedule } from './connections/check-schedule.ts';
import { type Connections, connections } from './connections/connections.ts';
import { type SetupLinks, setupLinks } from './connections/setup-links.ts';
import { type Customers, customers } from './customers/customers.ts';
import { connect, type Db, inTransaction } from './database.ts';
import { type Datasets, datasets } from './datasets/datasets.ts';
import { type ForgottenRetention, forgottenRetention } from './datasets/forgotten-retention.ts';
import { type PushRetention, pushRetention } from './datasets/push-retention.ts';
import { type PushedRecords, pushedRecords } from './datasets/pushed-records.ts';
import { type RecordPushes, recordPushes } from './datasets/record-pushes.ts';
import { type Deliveries, deliveries } from './deliveries/deliveries.ts';
import { type DueDeliveries, dueDeliveries } from './deliveries/due-deliveries.ts';
import { type EventChainStore, eventChain } from './events/event-chain.ts';
import { type Events, events } from './events/events.ts';
import { type Exclusively, exclusiveChanges } from './exclusive-changes.ts';
import { type IdempotentRequest, once } from './idempotency.ts';
import { journal } from './journal/journal.ts';
import { migrate } from './migrate.ts';
import { type DueRetries, dueRetries } from './runs/due-retries.ts';
import { type Jobs, jobs } from './runs/jobs.ts';
import type { SendRunJob } from './runs/queue.ts';
import { openQueue } from './runs/queue.ts';
import { type Receipts, receipts } from './runs/receipts.ts';
import { type RunWatch, runWatch } from './runs/run-watch.ts';
import { type Runs, runs } from './runs/runs.ts';
import { type ApiKeys, apiKeys } from './secrets/api-keys.ts';
import { issuerKeys } from './secrets/issuer-keys.ts';
import { secrets } from './secrets/secrets.ts';
import { type WebhookQueue, webhookQueue } from './webhooks/webhook-queue.ts';
import { type Webhooks, webhooks } from './webhooks/webhooks.ts';

/** What is written by requests. */
export interface Records {
  readonly customers: Customers;
  readonly connections: Connections;
  readonly datasets: Datasets;
  readonly deliveries: Deliveries;
  readonly runs: Runs;
  readonly pushedRecords: PushedRecords;
  readonly secrets: SecretStore;
  readonly events: Events;
  readonly setupLinks: SetupLinks;
  readonly webhooks: Webhooks;
  /** Does work in one transaction: all of it is kept, or nothing. Use the records that it gets. */
  together<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

export interface Idempotency {
  /**
   * Does the work of a creating request once, and answers its repetitions with the
   * stored response. The records given to `work` belong to the transaction that also
   * stores the response, so that both are there or neither: use them, and not the
   * store's own. What fails is not stored and may be repeated.
   *
   * @throws CausewayError `idempotency_key_reused` when the key came with another body.
   */
  once<T>(request: IdempotentRequest, work: (records: Records) => Promise<T>): Promise<T>;
}

export interface Store extends Records, Pick<RunWatch, 'watchRun'> {
  readonly apiKeys: ApiKeys;
  readonly issuerKeys: IssuerKeyStore;
  readonly eventChain: EventChainStore;
  readonly checkSchedule: CheckSchedule;
  readonly receipts: Receipts;
  readonly dueDeliveries: DueDeliveries;
  readonly dueRetries: DueRetries;
  readonly webhookQueue: WebhookQueue;
  readonly jobs: Jobs;
  /** Each push is a transaction with those that come with it, never a part of another. */
  readonly recordPushes: RecordPushes;
  readonly pushRetention: PushRetention;
  readonly forgottenRetention: ForgottenRetention;
  readonly journal: RunJournal;
  readonly idempotency: Idempotency;
  /** The same records, whose changes are told of as those of `actor`: their own are the system's. */
  actingAs(actor: Actor): Records;
  readonly exclusively: Exclusively;
  /** Asks the database for a sign of life. @throws CausewayError `database_unreachable`. */
  ping(): Promise<void>;
  /** Ends all connections. Stop workers first. */
  close(): Promise<void>;
}

/**
 * Connects to the database and brings its tables up to date. Every later call may
 * throw `database_unreachable` too.
 *
 * @throws CausewayError `database_unreachable`, `database_incompatible`.
 */
export async function openStore(options: { readonly databaseUrl: string }): Promise<Store> {
  const { databaseUrl } = options;
  const db = connect(databaseUrl);
  try {
    await migrate(db);
    const queue = await openQueue(databaseUrl);
    const watch = runWatch(databaseUrl);
    const runJournal = journal(db);
    let closing: Promise<void> | undefined;
    return {
      ...records(db, queue.send, systemActor),
      actingAs: (actor) => records(db, queue.send, actor),
      jobs: jobs(databaseUrl, db, runJournal),
      recordPushes: recordPushes(db),
      pushRetention: pushRetention(db),
      forgottenRetention: forgottenRetention(db),
      checkSchedule: checkSchedule(db),
      receipts: receipts(db),
      dueDeliveries: dueDeliveries(db, queue.send),
      dueRetries: dueRetries(db),
      webhookQueue: webhookQueue(db),
      apiKeys: apiKeys(db),
      issuerKeys: issuerKeys(db),
      eventChain: eventChain(db),
      journal: runJournal,
      idempotency: {
        once(request, work) {
          const actor = { type: 'api_key', id: request.apiKeyId } as const;
          return once(db, request, (trx) => work(records(trx, queue.send, actor)));
        },
      },
      exclusively: exclusiveChanges(db),
      watchRun: watch.watchRun,
      async ping() {
        await sql`select 1`.execute(db);
      },
      close() {
        closing ??= (async () => {
          await Promise.all([watch.close(), queue.close()]);
          await db.destroy();
        })();
        return closing;
      },
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function records(db: Db, sendRunJob: SendRunJob, actor: Actor): Records {
  return {
    customers: customers(db, actor),
    connections: connections(db, actor),
    datasets: datasets(db, actor),
    deliveries: deliveries(db, actor),
    runs: runs(db, sendRunJob, actor),
    pushedRecords: pushedRecords(db),
    secrets: secrets(db),
    events: events(db),
    setupLinks: setupLinks(db, actor),
    webhooks: webhooks(db, actor),
    together: (work) => inTransaction(db, (trx) => work(records(trx, sendRunJob, actor))),
  };
}
