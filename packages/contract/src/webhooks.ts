import { z } from 'zod';
import { EventType } from './events.ts';

/**
 * - `enabled`: events go to it.
 * - `disabled`: by the operator, or because it answered 410 Gone. What happens meanwhile is not
 *   kept for it; it can be replayed later, from the events.
 */
export const WebhookStatus = z.enum(['enabled', 'disabled']);
export type WebhookStatus = z.infer<typeof WebhookStatus>;

/** An address that is told of events, by the Standard Webhooks specification. */
export const Webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(EventType).nullable().describe('Null: all, also those to come'),
    status: WebhookStatus,
    disabledBecause: z.enum(['by_operator', 'gone']).nullable(),
    previousSecretUntil: z.iso
      .datetime()
      .nullable()
      .describe('Until when the secret before the present one signs too'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

const url = z.string().max(2000).describe('https, at a host of the internet');
const description = z.string().max(200);
const types = z.array(EventType).min(1).max(200);

export const WebhookCreate = z
  .strictObject({
    url,
    description: description.default(''),
    eventTypes: types.optional().describe('Default: all, also those to come'),
  })
  .meta({ id: 'WebhookCreate' });
export type WebhookCreate = z.output<typeof WebhookCreate>;

export const WebhookUpdate = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    eventTypes: types.nullable().optional(),
    status: WebhookStatus.optional(),
  })
  .meta({ id: 'WebhookUpdate' });
export type WebhookUpdate = z.output<typeof WebhookUpdate>;

/** With its secret, which is told when it is made and never again. */
export const WebhookWithSecret = Webhook.extend({
  secret: z.string().describe('Starts with "whsec_"; what is sent is signed with it'),
}).meta({ id: 'WebhookWithSecret' });
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>;

export const WebhookRotate = z
  .strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .describe('How long the old secret signs beside the new one'),
  })
  .meta({ id: 'WebhookRotate' });
export type WebhookRotate = z.output<typeof WebhookRotate>;

/** One try to send a message. What the other side said is cut short, and not to be trusted. */
export const WebhookAttempt = z
  .object({
    number: z.int(),
    at: z.iso.datetime(),
    durationMs: z.int(),
    status: z.int().nullable().describe('Of the answer; null when there was none'),
    error: z.string().nullable().describe('Why there was no answer'),
    bodyStart: z.string().nullable().describe('How the answer begins'),
  })
  .meta({ id: 'WebhookAttempt' });
export type WebhookAttempt = z.infer<typeof WebhookAttempt>;

/**
 * - `pending`: it is sent now, or tried again at `nextAttemptAt`.
 * - `delivered`: it was answered with a status from 200 to 299.
 * - `failed`: given up after three days, or because the address is gone.
 */
export const WebhookMessageState = z.enum(['pending', 'delivered', 'failed']);
export type WebhookMessageState = z.infer<typeof WebhookMessageState>;

/** An event on its way to one webhook. */
export const WebhookMessage = z
  .object({
    id: z.string().describe('Of the event, and the header "webhook-id": the same in every try'),
    webhookId: z.string(),
    type: EventType,
    state: WebhookMessageState,
    eventAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable(),
    attempts: z.array(WebhookAttempt).describe('The last twenty, oldest first'),
  })
  .meta({ id: 'WebhookMessage' });
export type WebhookMessage = z.infer<typeof WebhookMessage>;

export const WebhookMessageQuery = z.object({ state: WebhookMessageState.optional() });
export type WebhookMessageQuery = z.output<typeof WebhookMessageQuery>;

/** Which events to send again: one, or those since a time. */
export const WebhookReplay = z
  .strictObject({
    eventId: z.string().max(100).optional(),
    since: z.iso.datetime({ offset: true }).optional(),
    delivered: z
      .boolean()
      .default(false)
      .describe('With "since": also what it has received already, not only what it has not'),
  })
  .meta({ id: 'WebhookReplay' });
export type WebhookReplay = z.output<typeof WebhookReplay>;

export const WebhookReplayed = z
  .object({ messages: z.int().describe('How many are sent now') })
  .meta({ id: 'WebhookReplayed' });
export type WebhookReplayed = z.infer<typeof WebhookReplayed>;
