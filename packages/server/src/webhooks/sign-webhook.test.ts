import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '@causeway/connections';
import { newWebhookSecret, webhookHeaders } from './sign-webhook.ts';

const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
};
const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');

describe('webhookHeaders()', () => {
  it('signs as the libraries of the Standard Webhooks specification do', () => {
    assert.deepEqual(webhookHeaders(message, [secret]), {
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs with every secret, in their order', () => {
    const other = new Secret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
    const signatureOf = (...secrets: readonly Secret<string>[]) =>
      webhookHeaders(message, secrets)['webhook-signature'];

    assert.equal(signatureOf(other, secret), `${signatureOf(other)} ${signatureOf(secret)}`);
    assert.notEqual(signatureOf(other), signatureOf(secret));
  });
});

describe('newWebhookSecret()', () => {
  it('has as many bytes as the specification asks for, and is never the same', () => {
    const [one, two] = [newWebhookSecret().reveal(), newWebhookSecret().reveal()];

    assert.match(one, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.notEqual(one, two);
  });
});
