import { byId, operation, PageQuery, page } from './operation-parts.ts';
import {
  Webhook,
  WebhookCreate,
  WebhookMessage,
  WebhookMessageQuery,
  WebhookReplay,
  WebhookReplayed,
  WebhookRotate,
  WebhookUpdate,
  WebhookWithSecret,
} from './webhooks.ts';

const tags = ['Webhooks'];

/** Where events are sent to, as they happen. */
export const webhookOperations = {
  create: operation
    .route({
      method: 'POST',
      path: '/v1/webhooks',
      summary: 'Have events sent to an address',
      description:
        'By the Standard Webhooks specification. The secret is told here and never again, so a repeated request makes another webhook: delete what you do not need.',
      successStatus: 201,
      tags,
    })
    .meta({ errors: ['webhook_url_not_allowed'] })
    .input(WebhookCreate)
    .output(WebhookWithSecret),
  list: operation
    .route({ method: 'GET', path: '/v1/webhooks', summary: 'List webhooks', tags })
    .input(PageQuery.prefault({}))
    .output(page('Webhook', Webhook)),
  get: operation
    .route({ method: 'GET', path: '/v1/webhooks/{id}', summary: 'Get a webhook', tags })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(Webhook),
  update: operation
    .route({
      method: 'PATCH',
      path: '/v1/webhooks/{id}',
      summary: 'Change, disable or enable a webhook',
      tags,
    })
    .meta({ errors: ['not_found', 'webhook_url_not_allowed'] })
    .input(WebhookUpdate.extend(byId.shape))
    .output(Webhook),
  delete: operation
    .route({
      method: 'DELETE',
      path: '/v1/webhooks/{id}',
      summary: 'Delete a webhook, its secrets and its messages',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(Webhook),
  rotateSecret: operation
    .route({
      method: 'POST',
      path: '/v1/webhooks/{id}/rotate-secret',
      summary: 'Replace the secret of a webhook',
      description:
        'For a while both secrets sign, so that the receiver may change over in between.',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(WebhookRotate.extend(byId.shape))
    .output(WebhookWithSecret),
  messages: operation
    .route({
      method: 'GET',
      path: '/v1/webhooks/{id}/messages',
      summary: 'List what was sent to a webhook, with every try',
      description: 'Newest first. Kept for thirty days.',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(PageQuery.extend(WebhookMessageQuery.shape).extend(byId.shape))
    .output(page('WebhookMessage', WebhookMessage)),
  replay: operation
    .route({
      method: 'POST',
      path: '/v1/webhooks/{id}/replay',
      summary: 'Send events to a webhook again',
      description: 'One by its id, or those since a time. Each keeps its "webhook-id".',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(
      WebhookReplay.extend(byId.shape).refine(
        ({ eventId, since }) => (eventId === undefined) !== (since === undefined),
        { error: 'name either "eventId" or "since"' },
      ),
    )
    .output(WebhookReplayed),
  test: operation
    .route({
      method: 'POST',
      path: '/v1/webhooks/{id}/test',
      summary: 'Send an event of type "webhook.tested" to a webhook, and to no other',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(WebhookMessage),
};
