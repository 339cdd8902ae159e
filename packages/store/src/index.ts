/** PostgreSQL, embedded or given: migrations, queries, jobs. */

export { type CheckSchedule, checkHoldSeconds } from './connections/check-schedule.ts';
export type { Connections } from './connections/connections.ts';
export type { SetupLinks, SetupSession } from './connections/setup-links.ts';
export type { LineOutcome, ReadLine } from './customers/customer-import.ts';
export type { Customers } from './customers/customers.ts';
export type { Datasets } from './datasets/datasets.ts';
export type { PushRetention, RemovedRecords } from './datasets/push-retention.ts';
export type { CutAt, PushedLines, PushedRecords } from './datasets/pushed-records.ts';
export type { PushedBatch, RecordPushes } from './datasets/record-pushes.ts';
export type { Deliveries } from './deliveries/deliveries.ts';
export type { DueDeliveries, DueDelivery, DueOutcome } from './deliveries/due-deliveries.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/start-embedded-postgres.ts';
export type { EventChainStore } from './events/event-chain.ts';
export type { Events, NewEvent } from './events/events.ts';
export type { Exclusively } from './exclusive-changes.ts';
export type { IdempotentRequest } from './idempotency.ts';
export { newLeaseOwner } from './lease-owner.ts';
export { type Idempotency, openStore, type Records, type Store } from './open-store.ts';
export type { PageRequest } from './page.ts';
export type { DueRetries, DueRetry, NextTry } from './runs/due-retries.ts';
export type { NewRun } from './runs/insert-run.ts';
export type { Jobs, Worker } from './runs/jobs.ts';
export type { AwaitedReceipt, Receipts } from './runs/receipts.ts';
export type { Runs } from './runs/runs.ts';
export type { WorkerOptions } from './runs/runs-in-hand.ts';
export { type ApiKey, type ApiKeys, isWellFormedApiKey } from './secrets/api-keys.ts';
export type { ReplayRequest } from './webhooks/webhook-messages.ts';
export type { DueMessage, TryOutcome, WebhookQueue } from './webhooks/webhook-queue.ts';
export type { WebhookRecord, Webhooks } from './webhooks/webhooks.ts';
