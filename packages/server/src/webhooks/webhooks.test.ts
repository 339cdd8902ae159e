import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import type { SecretVault } from '@causeway/connections';
import type {
  Customer,
  Event,
  Page,
  Webhook,
  WebhookMessage,
  WebhookReplayed,
  WebhookWithSecret,
} from '@causeway/contract';
import pg from 'pg';
import { createClosers } from '../closers.ts';
import { openSecrets } from '../open-secrets.ts';
import { type Server, startServer } from '../start-server.ts';
import { apiOf } from '../testing/api-of.ts';
import { openTestStage } from '../testing/test-stage.ts';
import { retryDelays, sendWebhooks, type WebhookSender } from './send-webhooks.ts';
import { webhookAddresses } from './webhook-addresses.ts';

const closers = createClosers();
let server: Server;
let secrets: SecretVault;
let database: pg.Client;
let hook: Receiver;
let other: Receiver;
before(async () => {
  const stage = await openTestStage();
  closers.add(() => stage.close());
  [hook, other] = await Promise.all([startReceiver(), startReceiver()]);
  closers.add(() => hook.close());
  closers.add(() => other.close());
  const configuration = {
    ...stage.configuration,
    privateWebhookHosts: [hook.origin, other.origin],
  };
  server = await startServer({ configuration, log: () => {}, worker: false });
  closers.add(() => server.close());
  const { credentials } = configuration.aws;
  const kms = { credentials: async () => credentials ?? assert.fail('there are none') };
  secrets = await openSecrets({ configuration, kms, store: server.store.secrets });
  database = new pg.Client({ connectionString: configuration.databaseUrl });
  await database.connect();
  closers.add(() => database.end());
});
after(() => closers.close());

const senders: WebhookSender[] = [];
/** How far the clock of the senders is ahead. */
let aheadMs = 0;
const now = () => new Date(Date.now() + aheadMs);
afterEach(async () => {
  aheadMs = 0;
  await Promise.all(senders.splice(0).map((sender) => sender.stop()));
  for (const receiver of [hook, other]) receiver.reset();
  for (const { id } of (await api.call<Page<Webhook>>('GET /v1/webhooks')).items) {
    await api.call(`DELETE /v1/webhooks/${id}`);
  }
});

const api = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Receiver {
  readonly origin: string;
  readonly received: Received[];
  answer: (response: ServerResponse) => void;
  reset(): void;
  close(): void;
}

/** Somebody's server that takes webhooks. */
async function startReceiver(): Promise<Receiver> {
  const fine = (response: ServerResponse) => void response.writeHead(204).end();
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { headers } = request;
    receiver.received.push({ id: String(headers['webhook-id']), headers, body });
    receiver.answer(response);
  };
  const http = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received: [],
    answer: fine,
    reset() {
      receiver.received.length = 0;
      receiver.answer = fine;
    },
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
  return receiver;
}

const saying =
  (status: number, body = '', headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

function sender(privateHosts = [hook.origin, other.origin]): WebhookSender {
  const made = sendWebhooks({
    store: server.store,
    secrets,
    addresses: webhookAddresses(privateHosts),
    now,
    log: () => {},
  });
  senders.push(made);
  return made;
}

const newWebhook = (receiver = hook, more: object = {}) =>
  api.call<WebhookWithSecret>('POST /v1/webhooks', {
    url: `${receiver.origin}/hook`,
    eventTypes: ['customer.created'],
    ...more,
  });

let customers = 0;
const newCustomer = () =>
  api.call<Customer>('POST /v1/customers', { name: 'Acme', reference: `acme-${customers++}` });

const messagesOf = async ({ id }: Pick<Webhook, 'id'>, query = '') =>
  (await api.call<Page<WebhookMessage>>(`GET /v1/webhooks/${id}/messages${query}`)).items;

/** Moves the clock to the next try, if there is one, and lets it happen. */
async function nextTry(webhook: Webhook, sending: WebhookSender): Promise<WebhookMessage> {
  const [before] = await messagesOf(webhook);
  const at = Date.parse(before?.nextAttemptAt ?? '');
  aheadMs = Math.max(aheadMs, at - Date.now() + 1) || aheadMs;
  await sending.round();
  return (await messagesOf(webhook))[0] ?? assert.fail('there is no message');
}

function signaturesOf(secret: string, { id, headers, body }: Received): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${id}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('A webhook', () => {
  it('is protected', async () => {
    for (const line of [
      'GET /v1/webhooks',
      'POST /v1/webhooks',
      'POST /v1/webhooks/whk_1/replay',
    ]) {
      const [method = '', path = ''] = line.split(' ');
      assert.equal((await fetch(`${server.url}${path}`, { method })).status, 401, line);
    }
  });

  it('is told of an event once, signed, by ids alone', async () => {
    const webhook = await newWebhook();
    const customer = await newCustomer();
    const [one, two] = [sender(), sender()];

    await Promise.all([one.round(), two.round()]);

    assert.equal(hook.received.length, 1);
    const [received = assert.fail('nothing came')] = hook.received;
    assert.equal(received.headers['webhook-signature'], signaturesOf(webhook.secret, received));
    assert.equal(received.headers['content-type'], 'application/json');
    const { type, timestamp, data } = JSON.parse(received.body);
    const [event] = (await api.call<Page<Event>>(`GET /v1/events?customerId=${customer.id}`)).items;
    assert.deepEqual(
      [type, timestamp, data.eventId, data.customerId, data.actor],
      ['customer.created', event?.at, event?.id, customer.id, event?.actor],
    );
    assert.equal(received.id, event?.id);
    assert.ok(!received.body.includes(customer.reference), 'it tells what only the API should');
    const [message] = await messagesOf(webhook);
    assert.equal(message?.state, 'delivered');
    assert.deepEqual(
      message?.attempts.map(({ status }) => status),
      [204],
    );
  });

  it('hears of the types that it takes alone, and of nothing that did not happen', async () => {
    const webhook = await newWebhook(hook, { eventTypes: ['connection.status_changed'] });
    const all = await newWebhook(other, { eventTypes: undefined });
    const undone = server.store.together(async (store) => {
      await store.customers.create({ name: 'None', reference: 'none', properties: {} });
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    await newCustomer();

    await sender().round();

    assert.deepEqual(await messagesOf(webhook), []);
    assert.deepEqual(hook.received, []);
    const types = other.received.map(({ body }) => JSON.parse(body).type);
    assert.deepEqual(
      types.filter((type) => type.startsWith('customer.')),
      ['customer.created'],
    );
    assert.equal(all.eventTypes, null);
  });

  it('gets a message with the same id after three days of silence', async () => {
    const webhook = await newWebhook();
    await newCustomer();
    hook.answer = saying(503, 'down\0 for "repair"');
    const sending = sender();
    const start = Date.now();
    let message = await nextTry(webhook, sending);
    // The sender's own first look may have made the first try already.
    while (message.attempts.length < retryDelays.length) {
      message = await nextTry(webhook, sending);
    }
    assert.equal(message.state, 'pending');
    const { length: tries } = hook.received;

    hook.answer = saying(200);
    message = await nextTry(webhook, sending);

    assert.equal(message.state, 'delivered');
    assert.equal(tries, retryDelays.length);
    assert.ok(now().getTime() - start >= 72 * 3_600_000, 'it gave up within three days');
    assert.deepEqual(new Set(hook.received.map(({ id }) => id)), new Set([message.id]));
    assert.deepEqual(new Set(hook.received.map(({ body }) => body)).size, 1);
    const timestamps = hook.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    assert.deepEqual(
      timestamps,
      [...new Set(timestamps)].toSorted((a, b) => a - b),
    );
    assert.equal(message.attempts.length, retryDelays.length + 1);
    const [first] = message.attempts;
    assert.deepEqual([first?.status, first?.bodyStart], [503, 'down\ufffd for "repair"']);
    for (const received of hook.received) {
      assert.equal(received.headers['webhook-signature'], signaturesOf(webhook.secret, received));
    }
  });

  it('is given up after that, and replayed by hand: one, what failed, or everything', async () => {
    const webhook = await newWebhook();
    const since = new Date().toISOString();
    await newCustomer();
    const sending = sender();
    hook.answer = saying(500);
    let message = await nextTry(webhook, sending);
    while (message.state === 'pending') message = await nextTry(webhook, sending);
    assert.equal(message.state, 'failed');
    assert.equal(message.nextAttemptAt, null);
    hook.reset();
    const replay = async (body: object) =>
      (await api.call<WebhookReplayed>(`POST /v1/webhooks/${webhook.id}/replay`, body)).messages;

    assert.equal(await replay({ eventId: message.id }), 1);
    assert.equal((await nextTry(webhook, sending)).state, 'delivered');
    assert.deepEqual(
      hook.received.map(({ id }) => id),
      [message.id],
    );

    await server.store.customers.create({ name: 'B', reference: `later-${since}`, properties: {} });
    hook.answer = saying(500);
    await sending.round();
    await sending.stop();
    hook.reset();
    assert.equal(await replay({ since }), 1, 'only what it has not received');
    assert.equal(await replay({ since, delivered: true }), 2);
    aheadMs += 60_000;
    await sender().round();
    assert.equal(hook.received.length, 2);

    assert.equal((await api.send(`POST /v1/webhooks/${webhook.id}/replay`, {})).ok, false);
    const unknown = await api.send(`POST /v1/webhooks/${webhook.id}/replay`, { eventId: 'evt_0' });
    assert.match(unknown.text, /not_found/);
  });

  it('can be replayed what happened before it was there', async () => {
    const since = new Date(Date.now() - 1000).toISOString();
    await newCustomer();
    const webhook = await newWebhook();
    const { messages } = await api.call<WebhookReplayed>(`POST /v1/webhooks/${webhook.id}/replay`, {
      since,
    });

    await sender().round();

    assert.ok(messages >= 1);
    assert.equal(hook.received.length, messages);
  });

  it('is disabled when it answers that it is gone, and is tried no more', async () => {
    const webhook = await newWebhook();
    await newCustomer();
    hook.answer = saying(410);
    const sending = sender();
    await sending.round();
    await newCustomer();
    await sending.round();

    const after = await api.call<Webhook>(`GET /v1/webhooks/${webhook.id}`);
    assert.deepEqual([after.status, after.disabledBecause], ['disabled', 'gone']);
    assert.equal(hook.received.length, 1);
    const events = await api.call<Page<Event>>(`GET /v1/events?webhookId=${webhook.id}`);
    const [event] = events.items;
    assert.deepEqual(
      [event?.type, event?.cause, event?.actor.type],
      ['webhook.disabled', 'gone', 'system'],
    );

    hook.reset();
    const enabled = await api.call<Webhook>(`PATCH /v1/webhooks/${webhook.id}`, {
      status: 'enabled',
    });
    assert.deepEqual([enabled.status, enabled.disabledBecause], ['enabled', null]);
    await newCustomer();
    await sending.round();
    assert.equal(hook.received.length, 1);
  });

  it('is signed with both secrets while one takes the place of the other', async () => {
    const old = await newWebhook();
    const fresh = await api.call<WebhookWithSecret>(`POST /v1/webhooks/${old.id}/rotate-secret`, {
      overlapHours: 2,
    });
    assert.ok(fresh.previousSecretUntil);
    await newCustomer();
    const sending = sender();
    await sending.round();
    aheadMs = 3 * 3_600_000;
    await newCustomer();
    await sending.round();

    const [during, later] = hook.received;
    assert.ok(during && later);
    assert.equal(
      during.headers['webhook-signature'],
      `${signaturesOf(fresh.secret, during)} ${signaturesOf(old.secret, during)}`,
    );
    assert.equal(later.headers['webhook-signature'], signaturesOf(fresh.secret, later));

    await api.call(`POST /v1/webhooks/${old.id}/rotate-secret`, { overlapHours: 0 });
    const kept = await database.query("select from causeway.secrets where field like 'webhook/%'");
    assert.equal(kept.rowCount, 2, 'older ones are gone');
  });

  it('never shows its secret again', async () => {
    const { id, secret } = await newWebhook();
    await newCustomer();
    await sender().round();

    const answers = await Promise.all(
      ['', `/${id}`, `/${id}/messages`].map((path) => api.send(`GET /v1/webhooks${path}`)),
    );
    const events = await api.send(`GET /v1/events?webhookId=${id}`);
    const rows = await database.query(
      'select webhooks::text from causeway.webhooks union all select secrets::text from causeway.secrets',
    );
    const all = JSON.stringify([answers, events, rows.rows]);
    assert.ok(!all.includes(secret.slice(6, 30)));
    assert.ok(!all.includes(Buffer.from(secret.slice(6), 'base64').toString('hex')));
    await api.call(`DELETE /v1/webhooks/${id}`);
    const left = await database.query("select from causeway.secrets where field like 'webhook/%'");
    assert.equal(left.rowCount, 0);
  });

  it('leads nobody elsewhere: no redirect is followed', async () => {
    const webhook = await newWebhook();
    await newCustomer();
    hook.answer = saying(302, '', { location: `${other.origin}/elsewhere` });

    await sender().round();

    assert.deepEqual(other.received, []);
    const [message] = await messagesOf(webhook);
    assert.equal(message?.state, 'pending');
    assert.deepEqual(
      message?.attempts.map(({ status }) => status),
      [302],
    );
  });

  it('is not sent to a private host that the operator has taken off the list', async () => {
    const webhook = await newWebhook();
    await newCustomer();

    await sender([]).round();

    assert.deepEqual(hook.received, []);
    const [message] = await messagesOf(webhook);
    assert.equal(message?.state, 'pending');
    assert.match(message?.attempts[0]?.error ?? '', /must be https/);
    const refused = await api.send('POST /v1/webhooks', { url: 'https://169.254.169.254/latest' });
    assert.match(refused.text, /webhook_url_not_allowed/);
  });

  it('holds up no other one by being slow', async () => {
    const slow = await newWebhook(hook);
    await newWebhook(other);
    let asked = () => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    hook.answer = () => asked();
    const sending = sender();
    for (let count = 0; count < 6; count++) await newCustomer();
    const served = sending.round();
    await reached;
    while (other.received.length < 6) await new Promise((resolve) => setTimeout(resolve, 10));

    assert.ok(hook.received.length <= 4, 'it gets a few at once');
    await sending.stop();
    await served;
    const messages = await messagesOf(slow, '?state=pending');
    assert.equal(messages.length, 6);
  });

  it('waits as long as it is asked to', async () => {
    const webhook = await newWebhook();
    await newCustomer();
    hook.answer = saying(429, '', { 'retry-after': '600' });
    const sending = sender();
    await sending.round();

    const [message] = await messagesOf(webhook);
    const [attempt] = message?.attempts ?? [];
    const waits = Date.parse(message?.nextAttemptAt ?? '') - Date.parse(attempt?.at ?? '');
    assert.equal(waits, 600_000);
  });

  it('can be tried without anything happening', async () => {
    const webhook = await newWebhook();
    await newWebhook(other, { eventTypes: undefined });
    const message = await api.call<WebhookMessage>(`POST /v1/webhooks/${webhook.id}/test`);

    await sender().round();

    assert.deepEqual(
      hook.received.map(({ id }) => id),
      [message.id],
    );
    assert.ok(!other.received.some(({ id }) => id === message.id));
  });
});
