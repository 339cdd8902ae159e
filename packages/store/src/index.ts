/** PostgreSQL, embedded or given: migrations, queries, jobs. */

export { type ApiKey, type ApiKeys, isWellFormedApiKey } from './api-keys.ts';
export type { Connections } from './connections.ts';
export type { LineOutcome, ReadLine } from './customer-import.ts';
export type { Customers } from './customers.ts';
export type { Datasets } from './datasets.ts';
export type { Deliveries } from './deliveries.ts';
export type { DueDeliveries, DueDelivery, DueOutcome } from './due-deliveries.ts';
export type { DueRetries, DueRetry, NextTry } from './due-retries.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/start-embedded-postgres.ts';
export type { EventChainStore } from './event-chain.ts';
export type { Events, NewEvent } from './events.ts';
export type { Exclusively } from './exclusive-changes.ts';
export type { IdempotentRequest } from './idempotency.ts';
export type { NewRun } from './insert-run.ts';
export type { Jobs, Worker } from './jobs.ts';
export { newLeaseOwner } from './lease-owner.ts';
export { type Idempotency, openStore, type Records, type Store } from './open-store.ts';
export type { PageRequest } from './page.ts';
export type { PushRetention, RemovedRecords } from './push-retention.ts';
export type { CutAt, PushedLines, PushedRecords } from './pushed-records.ts';
export type { AwaitedReceipt, Receipts } from './receipts.ts';
export type { PushedBatch, RecordPushes } from './record-pushes.ts';
export type { Runs } from './runs.ts';
export type { WorkerOptions } from './runs-in-hand.ts';
export type { SetupLinks, SetupSession } from './setup-links.ts';
export type { ReplayRequest } from './webhook-messages.ts';
export type { DueMessage, TryOutcome, WebhookQueue } from './webhook-queue.ts';
export type { WebhookRecord, Webhooks } from './webhooks.ts';
