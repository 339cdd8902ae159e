import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

describe('causeway datasets forget', () => {
  let place: Place;
  let api: ScriptedApi;
  before(async () => {
    const requestedAt = '2026-01-02T03:04:05.000Z';
    const forgotten = { datasetId: 'ds_1', customerId: 'cus_1', keys: 2, requestedAt };
    [place, api] = await Promise.all([makePlace(), startScriptedApi(forgotten)]);
  });
  after(async () => {
    api?.close();
    await place?.remove();
  });

  const forget = async (lines: string, ...args: string[]) => {
    const file = join(place.folder, 'keys.jsonl');
    await writeFile(file, lines);
    return runCommand(
      place,
      ['datasets', 'forget', 'ds_1', file, '--url', api.url, ...args],
      anyApiKey,
    );
  };

  it('sends the keys of a file, for a customer', async () => {
    const { exitCode, stdout } = await forget('{"id": 1}\n\n{"id": "2"}\n', '--customer', 'cus_1');

    assert.equal(exitCode, 0);
    assert.match(api.asked.at(-1) ?? '', /^POST \/v1\/datasets\/ds_1\/tombstones /);
    assert.deepEqual(api.lastBody(), { keys: [{ id: 1 }, { id: '2' }], customerId: 'cus_1' });
    assert.match(stdout, /^2 keys to be forgotten/);
  });

  it('says which line is no key, and sends none', async () => {
    const before = api.asked.length;

    const { exitCode, stderr } = await forget('{"id": 1}\n[2]\n');

    assert.notEqual(exitCode, 0);
    assert.match(stderr, /keys\.jsonl, line 2" must be an object of JSON/);
    assert.equal(api.asked.length, before);
  });
});
