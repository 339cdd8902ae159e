import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from '@causeway/connections';

/** The specification asks for 24 to 64 bytes. */
const secretBytes = 32;
const prefix = 'whsec_';

export function newWebhookSecret(): Secret<string> {
  return new Secret(`${prefix}${randomBytes(secretBytes).toString('base64')}`);
}

export interface SignedMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/**
 * The headers of a message by the Standard Webhooks specification: HMAC-SHA256 over
 * `id.timestamp.body`, one signature for each secret, so that a receiver may change over from
 * one to the other while both are in use.
 *
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookHeaders(
  { id, timestampSeconds, body }: SignedMessage,
  secrets: readonly Secret<string>[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(prefix.length), 'base64');
    const hmac = createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}
