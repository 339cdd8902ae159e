import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NewSetupLink, SetupLink } from '@causeway/contract';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

const link: SetupLink = {
  id: 'lnk_1',
  connectionId: 'conn_1',
  expectedAccountId: null,
  status: 'active',
  createdAt: '2026-01-02T03:04:05.000Z',
  expiresAt: '2026-01-09T03:04:05.000Z',
  openedAt: null,
  revokedAt: null,
};
const made: NewSetupLink = { ...link, url: 'https://causeway.example.com/connect#cwl_secret' };

let place: Place;
let creating: ScriptedApi;
let listing: ScriptedApi;
before(async () => {
  [place, creating, listing] = await Promise.all([
    makePlace(),
    startScriptedApi(made),
    startScriptedApi({ items: [link], nextCursor: 'lnk_1' }),
  ]);
});
after(async () => {
  creating.close();
  listing.close();
  await place.remove();
});

const run = (api: ScriptedApi, ...args: string[]) =>
  runCommand(place, ['setup-links', ...args, '--url', api.url], anyApiKey);

describe('causeway setup-links', () => {
  it('makes a link for a connection, and tells its address', async () => {
    const flags = ['--connection', 'conn_1', '--account', '222222222222', '--days', '3'];

    const shown = await run(creating, 'create', ...flags);
    const json = await run(creating, 'create', '--connection', 'conn_1', '--json');

    assert.equal(shown.exitCode, 0, shown.stderr);
    assert.match(shown.stdout, /url +https:\/\/causeway\.example\.com\/connect#cwl_secret/);
    assert.match(shown.stdout, /It is not told again/);
    assert.deepEqual(JSON.parse(json.stdout), made);
    assert.deepEqual(creating.asked.slice(-2), [
      'POST /v1/setup-links {"expectedAccountId":"222222222222","expiresInDays":3,"connectionId":"conn_1"}',
      'POST /v1/setup-links {"connectionId":"conn_1"}',
    ]);
  });

  it('makes the connection with it, if a customer is named instead', async () => {
    const flags = ['--access', 'access_key', '--capability', 'deliver', 'browse'];

    const { exitCode, stderr } = await run(creating, 'create', '--customer', 'cus_1', ...flags);

    assert.equal(exitCode, 0, stderr);
    assert.equal(
      creating.asked.at(-1),
      'POST /v1/setup-links {"connection":{"customerId":"cus_1","access":"access_key","capabilities":["deliver","browse"]}}',
    );
  });

  it('refuses what does not say one connection, and asks nothing', async () => {
    const before = creating.asked.length;
    for (const [flags, why] of [
      [[], /either --connection or --customer/],
      [['--connection', 'conn_1', '--customer', 'cus_1'], /either --connection or --customer/],
      [['--connection', 'conn_1', '--location', 's3://a/'], /--location is for a new connection/],
      [['--customer', 'cus_1', '--access', 'bucket_policy'], /Allowed choices are role/],
    ] as const) {
      const { exitCode, stderr } = await run(creating, 'create', ...flags);
      assert.equal(exitCode, 2);
      assert.match(stderr, why);
    }
    assert.equal(creating.asked.length, before);
  });

  it('lists links of a connection, and how to get more', async () => {
    const { stdout, stderr, exitCode } = await run(listing, 'list', '--connection', 'conn_1');

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /ID +CONNECTION +STATUS +ACCOUNT +OPENED +EXPIRES/);
    assert.match(stdout, /lnk_1 +conn_1 +active +any +never +2026-01-09/);
    assert.match(stdout, /--cursor lnk_1/);
    assert.equal(listing.asked.at(-1), 'GET /v1/setup-links?limit=50&connectionId=conn_1 ');
  });

  it('revokes one', async () => {
    const { exitCode, stdout, stderr } = await run(creating, 'revoke', 'lnk_1');

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /id +lnk_1/);
    assert.match(creating.asked.at(-1) ?? '', /^DELETE \/v1\/setup-links\/lnk_1/);
  });
});
