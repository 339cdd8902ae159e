import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WebhookMessage, WebhookWithSecret } from '@causeway/contract';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

const webhook: WebhookWithSecret = {
  id: 'whk_1',
  url: 'https://hooks.example.com/',
  description: '',
  eventTypes: ['run.failed'],
  status: 'enabled',
  disabledBecause: null,
  previousSecretUntil: null,
  createdAt: '2026-01-02T03:04:05.000Z',
  secret: 'whsec_c2VjcmV0',
};

const message: WebhookMessage = {
  id: 'evt_1',
  webhookId: 'whk_1',
  type: 'run.failed',
  state: 'pending',
  eventAt: '2026-01-02T03:04:05.000Z',
  nextAttemptAt: '2026-01-02T03:05:05.000Z',
  attempts: [
    {
      number: 1,
      at: '2026-01-02T03:04:06.000Z',
      durationMs: 12,
      status: 503,
      error: null,
      bodyStart: 'down\u001b[2J',
    },
  ],
};

let place: Place;
before(async () => {
  place = await makePlace();
});
after(() => place.remove());

async function run(answer: object, ...args: string[]) {
  const api: ScriptedApi = await startScriptedApi(answer);
  try {
    const result = await runCommand(place, ['webhooks', ...args, '--url', api.url], anyApiKey);
    return { ...result, asked: api.asked };
  } finally {
    api.close();
  }
}

describe('causeway webhooks', () => {
  it('makes one, and tells its secret once', async () => {
    const { stdout, stderr, asked } = await run(
      webhook,
      'create',
      webhook.url,
      '--type',
      'run.failed',
    );

    assert.equal(stderr, '');
    assert.match(stdout, /secret +whsec_c2VjcmV0/);
    assert.match(stdout, /not told again/);
    assert.deepEqual(asked, [
      `POST /v1/webhooks {"url":"${webhook.url}","eventTypes":["run.failed"]}`,
    ]);
  });

  it('shows how each try ended, and lets no receiver steer the terminal', async () => {
    const { stdout } = await run(
      { items: [message], nextCursor: null },
      'messages',
      'whk_1',
      '--state',
      'pending',
    );

    assert.match(stdout, /evt_1 .*run\.failed .*pending .*503 down\\u001b\[2J/);
  });

  it('replays one event, or those since a time, and not both or neither', async () => {
    const one = await run({ messages: 1 }, 'replay', 'whk_1', '--event', 'evt_1');
    const none = await run({ messages: 1 }, 'replay', 'whk_1');
    const both = await run({}, 'replay', 'whk_1', '--event', 'evt_1', '--since', '1h');

    assert.match(one.stdout, /1 on their way/);
    assert.deepEqual(one.asked, ['POST /v1/webhooks/whk_1/replay {"eventId":"evt_1"}']);
    assert.deepEqual([none.exitCode, both.exitCode], [2, 2]);
    assert.deepEqual([...none.asked, ...both.asked], []);
  });

  it('disables one, and takes all types again', async () => {
    const { asked } = await run(webhook, 'update', 'whk_1', '--disable', '--all-types');

    assert.deepEqual(asked, ['PATCH /v1/webhooks/whk_1 {"eventTypes":null,"status":"disabled"}']);
  });
});
