import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { chooseServer, clientFilePath, dataDir, readClientFile } from './environment.ts';

const names = ['CAUSEWAY_DATA_DIR', 'CAUSEWAY_URL', 'CAUSEWAY_API_KEY'] as const;

describe('chooseServer()', () => {
  const before = names.map((name) => process.env[name]);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-environment-'));
    for (const name of names) delete process.env[name];
    process.env['CAUSEWAY_DATA_DIR'] = folder;
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    names.forEach((name, i) => {
      if (before[i] === undefined) delete process.env[name];
      else process.env[name] = before[i];
    });
  });

  const leave = (content: string) => writeFileSync(clientFilePath(), content);
  const left = { url: 'http://left', apiKey: 'cwk_left' };

  it('takes what `dev` left in the data folder', () => {
    leave(JSON.stringify(left));

    assert.deepEqual(chooseServer({}), left);
  });

  it('prefers the variables to what `dev` left', () => {
    leave(JSON.stringify(left));
    process.env['CAUSEWAY_URL'] = 'http://variable';
    process.env['CAUSEWAY_API_KEY'] = 'cwk_variable';

    assert.deepEqual(chooseServer({}), { url: 'http://variable', apiKey: 'cwk_variable' });
  });

  it('prefers the flags to everything', () => {
    leave(JSON.stringify(left));
    process.env['CAUSEWAY_URL'] = 'http://variable';
    process.env['CAUSEWAY_API_KEY'] = 'cwk_variable';

    const flags = { url: 'http://flag', apiKey: 'cwk_flag' };

    assert.deepEqual(chooseServer(flags), flags);
  });

  it('never sends the key that `dev` left to another server', () => {
    leave(JSON.stringify(left));

    assert.throws(() => chooseServer({ url: 'http://elsewhere' }), CausewayError);
    process.env['CAUSEWAY_URL'] = 'http://elsewhere';
    assert.throws(() => chooseServer({}), CausewayError);
  });

  it('takes the usual address when only a key is given', () => {
    const { url } = chooseServer({ apiKey: 'cwk_flag' });

    assert.equal(url, 'http://127.0.0.1:7070');
  });

  it('refuses when there is no key anywhere', () => {
    assert.throws(
      () => chooseServer({ url: 'http://flag' }),
      (error) => CausewayError.is(error, 'unauthorized'),
    );
  });

  it('counts empty variables as absent', () => {
    leave(JSON.stringify(left));
    process.env['CAUSEWAY_URL'] = '';
    process.env['CAUSEWAY_API_KEY'] = '';

    assert.deepEqual(chooseServer({}), left);
    process.env['CAUSEWAY_DATA_DIR'] = '';
    assert.equal(dataDir(), join(process.cwd(), '.causeway'));
  });

  it('treats a damaged file as none', () => {
    for (const damaged of ['{"url":', 'null', '[]', '{"url":1,"apiKey":2}']) {
      leave(damaged);

      assert.equal(readClientFile(), null);
    }
  });
});
