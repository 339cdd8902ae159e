import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Event, EventChain } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { InvalidArgumentError } from 'commander';
import { followEvents } from '../follow-events.ts';
import { makePlace, type Place, runCommand, startCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';
import { sinceTime } from './events.ts';

const event: Event = {
  id: 'evt_1',
  type: 'connection.status_changed',
  at: '2026-01-02T03:04:05.000Z',
  actor: { type: 'system', id: null },
  customerId: 'cus_1',
  connectionId: 'conn_1',
  setupLinkId: null,
  datasetId: null,
  deliveryId: null,
  runId: null,
  webhookId: null,
  cause: 'role_not_assumable',
  before: { status: 'active' },
  after: { status: 'needs_customer' },
};

let place: Place;
let api: ScriptedApi;
before(async () => {
  [place, api] = await Promise.all([
    makePlace(),
    startScriptedApi({ items: [event], nextCursor: null }),
  ]);
});
after(async () => {
  api.close();
  await place.remove();
});

const list = (...args: string[]) =>
  runCommand(place, ['events', 'list', ...args, '--url', api.url], anyApiKey);

describe('causeway events verify', () => {
  const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const verify = async (chain: EventChain, ...args: string[]) => {
    const server = await startScriptedApi(chain);
    try {
      return await runCommand(place, ['events', 'verify', ...args, '--url', server.url], anyApiKey);
    } finally {
      server.close();
    }
  };

  it('prints the head to keep while nothing is wrong', async () => {
    const { stdout, exitCode, stderr } = await verify(
      { intact: true, head: { number: 12, hash }, waiting: 0, faults: [] },
      '--head',
      `12:${hash}`,
    );

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /as they were written/);
    assert.ok(stdout.includes(`12:${hash}`));
  });

  it('says which event was changed, and exits with 3', async () => {
    const { stdout, exitCode } = await verify({
      intact: false,
      head: { number: 12, hash },
      waiting: 0,
      faults: [{ number: 7, eventId: 'evt_7', fault: 'event_changed' }],
    });

    assert.equal(exitCode, 3);
    assert.match(stdout, /NOT as they were written/);
    assert.match(stdout, /7 +evt_7 +event_changed/);
  });
});

describe('causeway events list', () => {
  it('shows what changed, from what to what, and why', async () => {
    const { stdout, stderr, exitCode } = await list();

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /AT +TYPE +CUSTOMER +ABOUT +BY +CHANGE/);
    assert.match(
      stdout,
      /connection\.status_changed +cus_1 +conn_1 +system +status: active -> needs_customer \(role_not_assumable\)/,
    );
  });

  it('asks for what was chosen', async () => {
    const chosen = ['--customer', 'cus_1', '--connection', 'conn_1', '--link', 'lnk_1'];
    const later = [
      '--dataset',
      'ds_1',
      '--delivery',
      'dlv_1',
      '--run',
      'run_1',
      '--webhook',
      'whk_1',
    ];
    const rest = ['--type', 'connection.checked', '--since', '2026-01-02', '--limit', '5'];

    const { stdout, stderr, exitCode } = await list(...chosen, ...later, ...rest, '--json');

    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).items, [event]);
    const { searchParams } = new URL(api.asked.at(-1)?.split(' ')[1] ?? '', api.url);
    assert.deepEqual(Object.fromEntries(searchParams), {
      limit: '5',
      customerId: 'cus_1',
      connectionId: 'conn_1',
      setupLinkId: 'lnk_1',
      datasetId: 'ds_1',
      deliveryId: 'dlv_1',
      runId: 'run_1',
      webhookId: 'whk_1',
      type: 'connection.checked',
      since: '2026-01-02T00:00:00.000Z',
    });
  });

  it('refuses a type and a time that there is none of', async () => {
    for (const flags of [
      ['--type', 'connection.lost'],
      ['--since', 'yesterday'],
    ]) {
      assert.equal((await list(...flags)).exitCode, 2, flags.join(' '));
    }
  });
});

describe('causeway events follow', () => {
  it('prints one event a line, with JSON', async () => {
    const args = ['events', 'follow', '--since', '24h', '--json', '--url', api.url];
    const { child, output } = startCommand(place, args, anyApiKey);
    const printed = new Promise<void>((resolve) => {
      child.stdout?.on('data', () => output().includes('\n') && resolve());
    });

    await printed;
    child.kill();

    assert.deepEqual(JSON.parse(output()), event);
  });
});

describe('sinceTime()', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');

  it('takes spans, dates, and times with a zone', () => {
    for (const [text, time] of [
      ['30m', '2026-01-10T11:30:00.000Z'],
      ['24h', '2026-01-09T12:00:00.000Z'],
      ['7d', '2026-01-03T12:00:00.000Z'],
      ['2026-01-02', '2026-01-02T00:00:00.000Z'],
      ['2026-01-02T03:04Z', '2026-01-02T03:04:00.000Z'],
      ['2026-01-02T03:04:05.5+01:00', '2026-01-02T02:04:05.500Z'],
    ] as const) {
      assert.equal(sinceTime(text, undefined, now), time);
    }
  });

  it('refuses what is none, or means something else elsewhere', () => {
    for (const text of ['', '24', '1w', '2026-13-01', '2026-01-02T03:04', 'now']) {
      assert.throws(() => sinceTime(text, undefined, now), InvalidArgumentError, text);
    }
  });
});

describe('followEvents()', () => {
  /** As the API lists them: newest first, by pages of two. */
  function scripted(all: string[]): Client['events'] {
    const list = async ({ limit = 50, cursor }: { limit?: number; cursor?: string }) => {
      const ids = all.toReversed();
      const start = cursor === undefined ? 0 : ids.indexOf(cursor) + 1;
      const size = Math.min(limit, 2);
      const items = ids.slice(start, start + size).map((id) => ({ ...event, id }));
      const more = start + size < ids.length;
      return { items, nextCursor: more ? (items.at(-1)?.id ?? null) : null };
    };
    return { list } as unknown as Client['events'];
  }

  const next = async (from: AsyncGenerator<Event>, count: number) => {
    const ids: string[] = [];
    while (ids.length < count) ids.push((await from.next()).value.id);
    return ids;
  };

  it('gives all since a time, in order, over pages, and then what is new, each once', async () => {
    const all = ['e1', 'e2', 'e3', 'e4', 'e5'];
    const following = followEvents(scripted(all), { since: '2026-01-01T00:00:00Z' }, 1);

    assert.deepEqual(await next(following, 5), all);
    const waiting = next(following, 3);
    all.push('e6', 'e7', 'e8');
    assert.deepEqual(await waiting, ['e6', 'e7', 'e8']);
  });

  it('gives only what is new where no time is named', async () => {
    for (const all of [[], ['e1', 'e2', 'e3']]) {
      const following = followEvents(scripted(all), {}, 1);
      const waiting = next(following, 1);
      await new Promise(setImmediate);
      all.push('new');
      assert.deepEqual(await waiting, ['new']);
    }
  });
});
