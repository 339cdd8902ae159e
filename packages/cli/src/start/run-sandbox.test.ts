import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePlace, type Place, runProcess, startCommand } from '../testing/run-command.ts';
import { firstMessage, stopChild } from './child.ts';

let place: Place;
before(async () => {
  place = await makePlace();
});
after(() => place.remove());

describe('causeway sandbox', { timeout: 120_000 }, () => {
  it('says first where it is, then where its TLS is and whom to trust', async () => {
    const { child, output } = startCommand(place, [
      'sandbox',
      ...['--port', '0', '--tls-port', '0', '--data', 'kept'],
    ]);
    const { url } = await firstMessage<{ url: string }>(child, 'the sandbox');
    const answer = await fetch(`${url}/_sandbox`);
    await stopChild(child);
    const [first, second = ''] = output().split('\n');
    const [, tlsUrl = '', file = ''] = /(https:\S+), .* AWS_CA_BUNDLE=(.+)$/.exec(second) ?? [];

    assert.equal(answer.status, 200);
    assert.equal(first, `sandbox ready ${url}`);
    assert.match(tlsUrl, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(readFileSync(file, 'utf8'), /BEGIN CERTIFICATE/);
  });

  it('names all that is wrong with its configuration', async () => {
    const file = join(place.folder, 'config.json');
    writeFileSync(file, JSON.stringify({ accounts: [{ id: '1', colour: 'red' }], orgs: {} }));

    const { exitCode, stdout, stderr } = await runProcess(place, [
      'sandbox',
      ...['--port', '0', '--config', file],
    ]);

    assert.notEqual(exitCode, 0);
    assert.equal(stdout, '');
    for (const wrong of ['"orgs"', '"colour"', '"1" is not twelve digits', 'no secret']) {
      assert.ok(stderr.includes(wrong), stderr);
    }
  });

  it('says of which configuration it has no file', async () => {
    const { exitCode, stderr } = await runProcess(place, [
      'sandbox',
      ...['--port', '0', '--config', 'nope.json'],
    ]);

    assert.notEqual(exitCode, 0);
    assert.match(stderr, /Cannot read "nope\.json": it does not exist\n/);
  });
});
