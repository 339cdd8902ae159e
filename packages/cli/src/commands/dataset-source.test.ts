import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { anyApiKey, type ScriptedApi, startScriptedApi } from '../testing/scripted-api.ts';

let place: Place;
let api: ScriptedApi;
before(async () => {
  const dataset = {
    id: 'ds_1',
    name: 'd',
    source: { type: 'file', path: '/a' },
    primaryKey: [],
    schema: [],
  };
  [place, api] = await Promise.all([makePlace(), startScriptedApi(dataset)]);
});
after(async () => {
  api.close();
  await place.remove();
});

const create = (...args: string[]) =>
  runCommand(
    place,
    ['datasets', 'create', '--name', 'd', '--url', api.url, '--json', ...args],
    anyApiKey,
  );

async function sourceSent(...args: string[]): Promise<unknown> {
  const { exitCode, stderr } = await create(...args);
  assert.equal(exitCode, 0, stderr);
  return (api.lastBody() as { source: unknown }).source;
}

describe('causeway datasets create', () => {
  it('sends a source of each kind, with the form that was said and no other', async () => {
    assert.deepEqual(await sourceSent('--file', '/data/a.parquet'), {
      type: 'file',
      path: '/data/a.parquet',
    });
    assert.deepEqual(
      await sourceSent(
        ...['--http', 'https://example.com/a', '--format', 'csv', '--compression', 'gzip'],
        ...[
          '--csv-delimiter',
          'tab',
          '--no-csv-header',
          '--csv-null',
          'NA',
          '--csv-skip-lines',
          '2',
        ],
        ...['--column', 'zip=VARCHAR', '--column', 'price=DECIMAL(9,2)'],
      ),
      {
        type: 'http',
        url: 'https://example.com/a',
        format: 'csv',
        compression: 'gzip',
        columns: [
          { name: 'zip', type: 'VARCHAR' },
          { name: 'price', type: 'DECIMAL(9,2)' },
        ],
        csv: { delimiter: '\t', header: false, skipLines: 2, nullText: 'NA' },
      },
    );
    assert.deepEqual(
      await sourceSent(
        ...['--file', 'in-a-folder-of-the-server.txt', '--format', 'csv', '--csv-escape', '\\'],
        ...['--no-csv-quoted-null', '--csv-timestamp-format', '%d.%m.%Y'],
      ),
      {
        type: 'file',
        path: 'in-a-folder-of-the-server.txt',
        format: 'csv',
        csv: { escape: '\\', quotedNull: false, timestampFormat: '%d.%m.%Y' },
      },
    );
    assert.deepEqual(
      await sourceSent('--object', 's3://acme/x/', '--object-account', '111111111111'),
      { type: 'bucket', location: 's3://acme/x/', accountId: '111111111111' },
    );
    assert.deepEqual(
      await sourceSent(
        ...['--postgres', 'postgres://reader:pw@db/shop', '--table', 'public.orders'],
        ...['--tls', 'require', '--statement-timeout', '60'],
      ),
      {
        type: 'postgres',
        url: 'postgres://reader:pw@db/shop',
        table: 'public.orders',
        tls: 'require',
        statementTimeoutSeconds: 60,
      },
    );
    assert.deepEqual(await sourceSent('--query', 'FROM o', '--dataset', 'o=ds_2'), {
      type: 'sql',
      query: 'FROM o',
      datasets: { o: 'ds_2' },
    });
  });

  it('takes one source, and no form of files with a query', async () => {
    for (const [args, message] of [
      [[], /one of --file, --http, --object, --push, --postgres and --query/],
      [['--file', 'a', '--http', 'https://b/c'], /one of --file/],
      [['--file', 'a', '--retention-days', '3'], /'--retention-days <n>' needs '--push'/],
      [
        ['--query', 'FROM o', '--dataset', 'o=ds_2', '--format', 'csv'],
        /--query, --postgres and --push take none/,
      ],
    ] as const) {
      const { exitCode, stderr } = await create(...args);

      assert.notEqual(exitCode, 0);
      assert.match(stderr, message);
    }
  });
});

describe('causeway datasets update and refresh', () => {
  const change = (...args: string[]) =>
    runCommand(place, ['datasets', ...args, 'ds_1', '--url', api.url, '--json'], anyApiKey);

  it('sends what was said and nothing else', async () => {
    for (const [args, body] of [
      [['--schema-policy', 'freeze'], { schemaPolicy: 'freeze' }],
      [
        ['--file', '/data/a.csv', '--accept-schema'],
        { source: { type: 'file', path: '/data/a.csv' }, acceptSchema: true },
      ],
    ] as const) {
      const { exitCode, stderr } = await change('update', ...args);

      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(api.lastBody(), body);
    }
    assert.equal((await change('refresh')).exitCode, 0);
  });
});
