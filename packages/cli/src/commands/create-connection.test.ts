import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

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
  runCommand(
    place,
    ['connections', 'create', '--customer', 'cus_1', '--url', api.url, ...args],
    anyApiKey,
  );

async function sent(...args: string[]): Promise<unknown> {
  const { exitCode, stderr } = await create(...args, '--json');
  assert.equal(exitCode, 0, stderr);
  return api.lastBody();
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

  it('says how objects are written, with the same flag for the key', async () => {
    const key = ['--kms-key', 'arn:1'];
    const flags = ['--storage-class', 'STANDARD_IA', '--tag', 'team=data', '--tag', 'a=b=c'];

    const own = await sent(...key, ...flags, '--acl', 'bucket-owner-full-control');
    const changed = await runCommand(
      place,
      [
        'connections',
        'update',
        'conn_1',
        '--url',
        api.url,
        '--kms-key',
        'none',
        '--no-tags',
        '--json',
      ],
      anyApiKey,
    );

    assert.deepEqual(own, {
      customerId: 'cus_1',
      access: 'role',
      writeOptions: {
        kmsKeyArn: 'arn:1',
        storageClass: 'STANDARD_IA',
        tags: { team: 'data', a: 'b=c' },
        acl: 'bucket-owner-full-control',
      },
    });
    assert.equal(changed.exitCode, 0, changed.stderr);
    assert.deepEqual(api.lastBody(), { writeOptions: { kmsKeyArn: null, tags: {} } });
    assert.match(api.asked.at(-1) ?? '', /^PATCH \/v1\/connections\/conn_1 /);
  });

  it('says how a managed bucket is to be made, or shows what it would be', async () => {
    const bucket = ['--access', 'bucket_policy', '--resource-id', 'acme', '--account', '1'];
    const rules = [
      '--ownership',
      'bucket_owner_full_control',
      '--kms-key',
      'arn:1',
      '--versioning',
      '--no-receipts',
    ];
    const body = {
      customerId: 'cus_1',
      access: 'bucket_policy',
      accountId: '1',
      resourceId: 'acme',
      receipts: false,
      settings: {
        ownership: 'bucket_owner_full_control',
        kmsKeyArn: 'arn:1',
        versioning: true,
      },
    };

    const wanted = await sent(...bucket, ...rules);
    const path = api.asked.at(-1)?.split(' ')[1];
    const previewed = await sent(...bucket, ...rules, '--dry-run');

    assert.deepEqual([path, wanted], ['/v1/connections', body]);
    assert.match(api.asked.at(-1) ?? '', /^POST \/v1\/managed-buckets\/preview /);
    assert.deepEqual(previewed, body);
  });

  it('changes the way into a managed bucket, and whether receipts may be written', async () => {
    const change = (...flags: string[]) =>
      runCommand(
        place,
        ['connections', 'set-access', 'conn_1', '--url', api.url, '--json', ...flags],
        anyApiKey,
      );

    const wider = await change('--receipts');
    const asked = api.asked.at(-1);
    const receipts = api.lastBody();
    await change('--access', 'operator_role', '--external-id', 'none', '--no-receipts');

    assert.equal(wider.exitCode, 0, wider.stderr);
    assert.match(asked ?? '', /^POST \/v1\/connections\/conn_1\/access /);
    assert.deepEqual(receipts, { receipts: true });
    assert.deepEqual(api.lastBody(), {
      access: 'operator_role',
      externalId: 'none',
      receipts: false,
    });
  });

  it('shows what would be made, for managed buckets alone', async () => {
    const preview = await startScriptedApi({
      bucketName: 'acme-{14 random characters}',
      makes: ['Bucket "acme"'],
      warnings: ['Think twice'],
      bucketPolicy: { Version: '2012-10-17', Statement: [{ Sid: 'CausewayDenyInsecure' }] },
      role: null,
      customerPolicy: { Version: '2012-10-17', Statement: [] },
    });
    const flags = ['--access', 'bucket_policy', '--resource-id', 'acme', '--dry-run'];

    const shown = await create(...flags, '--url', preview.url);
    const role = await create('--dry-run');
    preview.close();

    assert.equal(shown.exitCode, 0, shown.stderr);
    for (const part of [
      'acme-{14 random characters}',
      '- Bucket "acme"',
      'Warning: Think twice',
      'CausewayDenyInsecure',
      'Nothing was made',
    ]) {
      assert.ok(shown.stdout.includes(part), part);
    }
    assert.equal(role.exitCode, 2);
    assert.match(role.stderr, /--dry-run is for --access bucket_policy/);
  });

  it('refuses an access that there is none of', async () => {
    const { exitCode, stderr } = await create('--access', 'magic');

    assert.equal(exitCode, 2);
    assert.match(stderr, /Allowed choices are role, web_identity/);
  });
});
