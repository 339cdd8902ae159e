import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

let place: Place;
let api: ScriptedApi;
before(async () => {
  [place, api] = await Promise.all([makePlace(), startScriptedApi({ id: 'conn_1' })]);
});
after(async () => {
  api.close();
  await place.remove();
});

const create = (...args: string[]) =>
  runCommand(place, ['connections', 'create', '--customer', 'cus_1', ...args, '--url', api.url], {
    CAUSEWAY_API_KEY: 'cwk_00000000000000000000000000_00000000',
  });

async function sent(...args: string[]): Promise<unknown> {
  const { exitCode, stderr } = await create(...args, '--json');
  assert.equal(exitCode, 0, stderr);
  const [, , body] = api.asked.at(-1)?.split(/ (\/\S+) /) ?? [];
  return JSON.parse(body ?? '');
}

describe('causeway connections create', () => {
  it('sends what was given, and a role when no access was named', async () => {
    const where = ['--location', 's3://acme-data/causeway/', '--account', '222222222222'];

    assert.deepEqual(await sent(...where), {
      customerId: 'cus_1',
      access: 'role',
      location: 's3://acme-data/causeway/',
      accountId: '222222222222',
    });
  });

  it('knows what each access takes', async () => {
    const issuer = 'https://oidc.example.com/id/1';

    const [token, managed] = [
      await sent(
        '--access',
        'web_identity',
        '--issuer',
        issuer,
        '--capability',
        'deliver',
        'ingest',
      ),
      await sent('--access', 'operator_role', '--resource-id', 'acme', '--external-id'),
    ];

    assert.deepEqual(token, {
      customerId: 'cus_1',
      access: 'web_identity',
      capabilities: ['deliver', 'ingest'],
      issuer,
    });
    assert.deepEqual(managed, {
      customerId: 'cus_1',
      access: 'operator_role',
      resourceId: 'acme',
      externalId: 'generated',
    });
  });

  it('refuses an access that there is none of', async () => {
    const { exitCode, stderr } = await create('--access', 'magic');

    assert.equal(exitCode, 2);
    assert.match(stderr, /Allowed choices are role, web_identity/);
  });
});
