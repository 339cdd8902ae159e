import { z } from 'zod';

/** What can be told of afterwards. A type is never renamed: others filter by it. */
export const eventTypes = [
  'customer.created',
  'customer.updated',
  'connection.created',
  'connection.updated',
  'connection.account_changed',
  'connection.account_confirmed',
  'connection.checked',
  'connection.status_changed',
  'connection.advice',
  'access_key.added',
  'access_key.used',
  'access_key.removed',
  'setup_link.created',
  'setup_link.opened',
  'setup_link.revoked',
  'dataset.created',
  'dataset.updated',
  'dataset.schema_changed',
  'dataset.keys_forgotten',
  'delivery.created',
  'delivery.updated',
  'delivery.status_changed',
  'delivery.not_run',
  'run.created',
  'run.started',
  'run.succeeded',
  'run.partial',
  'run.failed',
  'run.cancel_requested',
  'run.cancelled',
  'recipient.failed',
  'recipient.received',
  'recipient.rejected',
  'webhook.created',
  'webhook.updated',
  'webhook.secret_rotated',
  'webhook.disabled',
  'webhook.deleted',
  'webhook.tested',
] as const;

export const EventType = z.enum(eventTypes);
export type EventType = z.infer<typeof EventType>;

/** Who did something: the holder of an API key or of a setup link, or Causeway by itself. */
export const Actor = z
  .object({
    type: z.enum(['api_key', 'setup_link', 'system']),
    id: z.string().nullable().describe('Of the API key or the setup link'),
  })
  .meta({ id: 'Actor' });
export type Actor = z.infer<typeof Actor>;

/** Causeway by itself: schedules, workers. */
export const systemActor: Actor = { type: 'system', id: null };

const Facts = z.record(z.string(), z.unknown()).nullable();

/** Something that happened, written in the transaction that made it happen, and never changed. */
export const Event = z
  .object({
    id: z.string(),
    type: EventType,
    at: z.iso.datetime(),
    actor: Actor,
    customerId: z.string().nullable(),
    connectionId: z.string().nullable(),
    setupLinkId: z.string().nullable(),
    datasetId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    runId: z.string().nullable(),
    webhookId: z.string().nullable(),
    cause: z.string().nullable().describe('The code of what led to it, such as that of a check'),
    before: Facts.describe('What is different now, as it was; nothing secret'),
    after: Facts.describe('What is different now, as it is; nothing secret'),
  })
  .meta({ id: 'Event' });
export type Event = z.infer<typeof Event>;

export const EventQuery = z.object({
  type: EventType.optional(),
  customerId: z.string().optional(),
  connectionId: z.string().optional(),
  setupLinkId: z.string().optional(),
  datasetId: z.string().optional(),
  deliveryId: z.string().optional(),
  runId: z.string().optional(),
  webhookId: z.string().optional(),
  since: z.iso.datetime({ offset: true }).optional().describe('Only what happened then or later'),
});
export type EventQuery = z.output<typeof EventQuery>;
