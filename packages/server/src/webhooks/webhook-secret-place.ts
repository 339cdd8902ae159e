import type { SecretPlace } from '@causeway/connections';

/** Where a secret of a webhook is kept: the operator's own, so without customer and connection. */
export function webhookSecretPlace(webhookId: string, number: number): SecretPlace {
  return { customerId: null, connectionId: null, field: `webhook/${webhookId}/${number}` };
}
