import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Delivery, DeliveryTerms, type Run } from '@causeway/contract';
import { exitCodes } from '../exit-codes.ts';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

const delivery: Delivery = {
  id: 'dlv_1',
  name: 'nightly',
  datasetId: 'ds_1',
  customerIds: [],
  customerRule: { match: 'all', properties: { plan: 'pro' } },
  status: 'paused',
  schedule: { type: 'cron', expression: '30 6 * * *', timeZone: 'Europe/Berlin', jitterSeconds: 0 },
  nextRunAt: null,
  startsAt: null,
  ...DeliveryTerms.parse({ mode: 'full', format: 'parquet', compression: 'zstd' }),
  createdAt: '2026-01-02T03:04:05.000Z',
};
const active: Delivery = { ...delivery, status: 'active', nextRunAt: '2026-01-03T05:30:00.000Z' };

const ended: Run = {
  id: 'run_1',
  deliveryId: 'dlv_1',
  state: 'queued',
  mode: 'full',
  attempt: 0,
  resumeAt: null,
  fractionDone: null,
  recipients: [],
  leftOut: [],
  retryOf: null,
  cancelRequest: null,
  createdAt: '2026-01-02T03:04:05.000Z',
  startedAt: null,
  completedAt: null,
};

let place: Place;
let api: ScriptedApi;
before(async () => {
  place = await makePlace();
  api = await startScriptedApi(delivery);
});
after(async () => {
  api?.close();
  await place?.remove();
});

const run = (...args: string[]) =>
  runCommand(place, ['deliveries', ...args, '--url', api.url], anyApiKey);

/** What the command asked of the server. */
async function asked(...args: string[]): Promise<unknown> {
  const before = api.asked.length;
  const { exitCode, stderr } = await run(...args);
  assert.equal(exitCode, 0, stderr);
  const [line = '', ...more] = api.asked.slice(before);
  assert.deepEqual(more, []);
  const [, request, body = ''] = /^(\S+ \S+) ?(.*)$/s.exec(line) ?? [];
  return body === '' ? request : [request, JSON.parse(body)];
}

const create = ['create', '--name', 'nightly', '--dataset', 'ds_1'];

describe('causeway deliveries', () => {
  it('makes one for customers by rule, with a schedule', async () => {
    const made = await asked(
      ...create,
      '--customers-with',
      'plan=pro',
      '--customers-with',
      'region=eu',
      '--customers-match',
      'any',
      '--cron',
      '30 6 * * 1-5',
      '--zone',
      'Europe/Berlin',
    );

    assert.deepEqual(made, [
      'POST /v1/deliveries',
      {
        name: 'nightly',
        datasetId: 'ds_1',
        customerRule: { match: 'any', properties: { plan: 'pro', region: 'eu' } },
        mode: 'full',
        schedule: {
          type: 'cron',
          expression: '30 6 * * 1-5',
          timeZone: 'Europe/Berlin',
          jitterSeconds: 0,
        },
        format: 'parquet',
      },
    ]);
  });

  it('changes what is named and nothing else', async () => {
    assert.deepEqual(
      await asked(
        ...['update', 'dlv_1', '--all-customers', '--on-change', '300', '--all-rows'],
        ...['--history', '30d'],
      ),
      [
        'PATCH /v1/deliveries/dlv_1',
        {
          customerRule: { match: 'all', properties: {} },
          schedule: { type: 'on_change', pollSeconds: 300 },
          history: { days: 30 },
          filter: null,
        },
      ],
    );
  });

  it('pauses them', async () => {
    assert.equal(await asked('pause', 'dlv_1'), 'POST /v1/deliveries/dlv_1/pause');
  });

  it('have runs that are cancelled and done again', async () => {
    const scripted = await startScriptedApi({ ...ended, state: 'cancelled' });
    for (const change of ['cancel', 'retry']) {
      const args = ['runs', change, 'run_1', '--detach', '--url', scripted.url];
      assert.match((await runCommand(place, args, anyApiKey)).stdout, /^state +cancelled$/m);
    }
    scripted.close();

    assert.deepEqual(
      scripted.asked.map((line) => line.trim()),
      ['POST /v1/runs/run_1/cancel', 'POST /v1/runs/run_1/retry'],
    );
  });

  it('shows to whom one goes, when it runs, and that it is paused', async () => {
    const { stdout } = await run('get', 'dlv_1');
    const list = await startScriptedApi({ items: [delivery, active], nextCursor: null });
    const listed = await runCommand(place, ['deliveries', 'list', '--url', list.url], anyApiKey);
    list.close();

    assert.match(stdout, /customers +customers with plan = pro/);
    assert.match(stdout, /runs +30 6 \* \* \* \(Europe\/Berlin\)/);
    assert.match(stdout, /status +paused/);
    const [, first, second] = listed.stdout.split('\n');
    assert.match(first ?? '', /customers with plan = pro .*\(Europe\/Berlin\) +paused/);
    assert.match(second ?? '', /\(Europe\/Berlin\) +2026-01-03T05:30:00.000Z/);
  });

  it('wants to know for whom before it asks', async () => {
    assert.equal((await run(...create)).exitCode, exitCodes.usage);
  });
});
