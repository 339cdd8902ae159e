import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IssuerState } from '@causeway/contract';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

const state: IssuerState = {
  url: 'https://causeway.example.com',
  audience: 'sts.amazonaws.com',
  keys: [
    {
      id: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithm: 'RS256',
      state: 'signing',
      createdAt: '2026-01-02T03:04:05.000Z',
      signsFrom: '2026-01-02T03:04:05.000Z',
      publishedUntil: null,
    },
  ],
};

let place: Place;
let api: ScriptedApi;
before(async () => {
  [place, api] = await Promise.all([makePlace(), startScriptedApi(state)]);
});
after(async () => {
  api.close();
  await place.remove();
});

const run = (...args: string[]) =>
  runCommand(place, ['issuer', ...args, '--url', api.url], anyApiKey);

describe('causeway issuer', () => {
  it('shows what customers register, and the keys', async () => {
    const { stdout, stderr, exitCode } = await run('show');

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /issuer +https:\/\/causeway\.example\.com/);
    assert.match(stdout, /KEY +STATE/);
    assert.match(stdout, /NzbLsXh8uDCcd\S+ +signing/);
  });

  it('rotates a day ahead, or at once when it is told so', async () => {
    const ahead = await run('rotate', '--json');
    const now = await run('rotate', '--immediately');

    assert.deepEqual(JSON.parse(ahead.stdout), state);
    assert.equal(now.exitCode, 0, now.stderr);
    assert.deepEqual(api.asked.slice(-2), [
      'POST /v1/issuer/rotate {"immediately":false}',
      'POST /v1/issuer/rotate {"immediately":true}',
    ]);
  });
});
