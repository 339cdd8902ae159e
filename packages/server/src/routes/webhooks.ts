import type { Secret, SecretVault } from '@causeway/connections';
import { newId, type Webhook } from '@causeway/contract';
import type { ReplayRequest } from '@causeway/store';
import { newWebhookSecret } from '../webhooks/sign-webhook.ts';
import type { WebhookAddresses } from '../webhooks/webhook-addresses.ts';
import { webhookSecretPlace } from '../webhooks/webhook-secret-place.ts';
import { api } from './implementer.ts';

export interface WebhookRoutesDeps {
  readonly secrets: Pick<SecretVault, 'seal'>;
  readonly addresses: Pick<WebhookAddresses, 'accept'>;
}

export function webhookRoutes({ secrets, addresses }: WebhookRoutesDeps) {
  return {
    create: api.webhooks.create.handler(async ({ input, context }) => {
      const id = newId('webhook');
      const url = addresses.accept(input.url);
      const secret = newWebhookSecret();
      const sealed = await secrets.seal(webhookSecretPlace(id, 1), secret);
      const webhook = await context.store.together(async (store) => {
        await store.secrets.save(sealed);
        return store.webhooks.create(id, { ...input, url });
      });
      return shown(webhook, secret);
    }),
    list: api.webhooks.list.handler(({ input, context }) => context.store.webhooks.list(input)),
    get: api.webhooks.get.handler(({ input, context }) => context.store.webhooks.get(input.id)),
    update: api.webhooks.update.handler(({ input: { id, url, ...change }, context }) =>
      context.store.webhooks.update(id, {
        ...change,
        ...(url !== undefined && { url: addresses.accept(url) }),
      }),
    ),
    delete: api.webhooks.delete.handler(({ input: { id }, context }) =>
      context.store.together(async (store) => {
        const { webhook, secretNumber } = await store.webhooks.delete(id);
        for (const number of [secretNumber, secretNumber - 1]) {
          await store.secrets.remove(webhookSecretPlace(id, number));
        }
        return webhook;
      }),
    ),
    rotateSecret: api.webhooks.rotateSecret.handler(({ input: { id, overlapHours }, context }) =>
      context.store.together(async (store) => {
        const { webhook, secretNumber } = await store.webhooks.rotateSecret(id, overlapHours);
        const secret = newWebhookSecret();
        await store.secrets.save(await secrets.seal(webhookSecretPlace(id, secretNumber), secret));
        await store.secrets.remove(webhookSecretPlace(id, secretNumber - 2));
        return shown(webhook, secret);
      }),
    ),
    messages: api.webhooks.messages.handler(({ input: { id, ...request }, context }) =>
      context.store.webhooks.messages(id, request),
    ),
    replay: api.webhooks.replay.handler(async ({ input, context }) => {
      const { id, eventId, since = '', delivered } = input;
      const request: ReplayRequest = eventId === undefined ? { since, delivered } : { eventId };
      return { messages: await context.store.webhooks.replay(id, request) };
    }),
    test: api.webhooks.test.handler(({ input, context }) => context.store.webhooks.test(input.id)),
  };
}

/** The one time that a secret is told. */
function shown(webhook: Webhook, secret: Secret<string>) {
  return { ...webhook, secret: secret.reveal() };
}
