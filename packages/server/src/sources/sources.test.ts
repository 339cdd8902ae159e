import assert from 'node:assert/strict';
import {
  appendFile,
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CausewayError, type Dataset, DatasetCreate, type ErrorCode } from '@causeway/contract';
import { createDuckDbEngine, type DuckDbEngine } from '@causeway/engine';
import { endpointRules } from '@causeway/objectstore';
import { createDataset } from '../create-dataset.ts';
import type { Sources } from './source-kind.ts';
import { openSources } from './sources.ts';

/** What was pushed is read in `pushed-records.test.ts`, where it is kept. */
const nothingPushed = { end: async () => null, async *read() {} };

describe('openSources()', () => {
  let root: string;
  let engine: DuckDbEngine;
  let sources: Sources;
  const datasets = new Map<string, Dataset>();
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'causeway-sources-')));
    engine = createDuckDbEngine({
      tempDir: join(root, 'work'),
      memoryLimitMb: 200,
      threads: 2,
      keepsProcesses: true,
    });
    await mkdir(join(root, 'sources/days'), { recursive: true });
    const get = async (id: string) => {
      const dataset = datasets.get(id);
      if (!dataset) throw new CausewayError('not_found', { kind: 'dataset', id });
      return dataset;
    };
    sources = openSources({
      engine,
      datasets: { get },
      pushedRecords: nothingPushed,
      secrets: { read: async () => null },
      sourceDirs: [join(root, 'sources')],
      endpoints: endpointRules([]),
      bucketAccess: () => assert.fail('no bucket is read'),
      limitBytes: 0,
      retryDelayMs: 0,
    });
  });
  after(async () => {
    await engine.close();
    await rm(root, { recursive: true });
  });

  const write = async (name: string, content: string | Buffer) => {
    const path = join(root, 'sources', name);
    await writeFile(path, content);
    return path;
  };
  const create = async (input: object) => {
    const name = `d${datasets.size}`;
    const { dataset } = await createDataset(DatasetCreate.parse({ name, ...input }), {
      engine,
      sources,
    });
    datasets.set(dataset.id, dataset);
    return dataset;
  };
  const rowsOf = async (dataset: Dataset) => {
    const opened = await sources.open(dataset);
    let lines = '';
    await engine.unload(
      { source: opened.source, format: 'jsonl', compression: 'none', split: { type: 'all' } },
      async (_index, stream) => {
        lines = await text(stream);
      },
    );
    await opened.close();
    return lines
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .toSorted((a, b) => a.id - b.id);
  };
  const typesOf = ({ schema }: Dataset) => schema.map(({ name, type }) => `${name} ${type}`);
  const refused = (work: Promise<unknown>, code: ErrorCode, message: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(CausewayError.is(error, code), String(error));
      assert.match(error.message, message);
      return true;
    });

  it('keeps with a dataset how its CSV is written, and types as they were found', async () => {
    const path = await write('orders.csv', 'id;day\n1;2026-01-31\n');

    const orders = await create({ source: { type: 'file', path: 'orders.csv' } });

    assert.deepEqual(orders.source, {
      type: 'file',
      path,
      format: 'csv',
      csv: { delimiter: ';', quote: '"', escape: '"', header: true, skipLines: 0, nullText: '' },
    });
    assert.deepEqual(typesOf(orders), ['id BIGINT', 'day DATE']);
    await appendFile(path, 'x;2026-02-01\n');
    await refused(
      rowsOf(orders),
      'source_not_readable',
      /orders.csv": line 3: .*column "id".*"x" to 'BIGINT'/,
    );
  });

  it('keeps the types that the operator says', async () => {
    await write('zips.csv', 'id,zip\n1,12\n');
    const columns = [{ name: 'zip', type: 'VARCHAR' }];

    const zips = await create({ source: { type: 'file', path: 'zips.csv', columns } });

    assert.deepEqual(typesOf(zips), ['id BIGINT', 'zip VARCHAR']);
    assert.deepEqual(await rowsOf(zips), [{ id: 1, zip: '12' }]);
  });

  it('reads JSON lines, arrays and Parquet by the names of their files', async () => {
    await write('a.jsonl.gz', gzipSync('{"id":1}\n{"id":2}\n'));
    await write('a.json', '[{"id":1}]');
    for (const [path, format, rows] of [
      ['a.jsonl.gz', 'jsonl', 2],
      ['a.json', 'json', 1],
    ] as const) {
      const dataset = await create({ source: { type: 'file', path } });

      assert.deepEqual(dataset.source.type === 'file' && dataset.source.format, format);
      assert.equal((await rowsOf(dataset)).length, rows);
    }
  });

  it('refuses what does not go together', async () => {
    await write('p.parquet', '');
    const source = { type: 'file', path: 'p.parquet' };
    for (const [more, message] of [
      [{ compression: 'gzip' }, /"source.compression" is not for Parquet/],
      [{ columns: [{ name: 'a', type: 'INT' }] }, /"source.columns" is not for Parquet/],
      [{ csv: {} }, /"source.csv" is not for format "parquet"/],
      [{ format: 'json', csv: {} }, /"source.csv" is not for format "json"/],
    ] as const) {
      await refused(create({ source: { ...source, ...more } }), 'invalid_request', message);
    }
  });

  describe('of several files', () => {
    it('reads all that fit a pattern, each time anew', async () => {
      await write('days/2026-01-01.csv', 'id,word\n1,a\n');
      await write('days/2026-01-02.csv', 'word,id\nb,2\n');
      await write('days/.hidden.csv', 'id,word\n9,x\n');
      await write('days/notes.txt', 'nothing');

      const days = await create({ source: { type: 'file', path: 'days/2026-*.csv' } });

      assert.equal((await rowsOf(days)).length, 2);
      await write('days/2026-01-03.csv', 'id,word\n3,c\n');
      assert.deepEqual(await rowsOf(days), [
        { id: 1, word: 'a' },
        { id: 2, word: 'b' },
        { id: 3, word: 'c' },
      ]);
      const all = await create({ source: { type: 'file', path: `${root}/sources/d?ys/*.csv` } });
      assert.equal((await rowsOf(all)).length, 3);
    });

    it('is another version when a file is changed, added or taken away', async () => {
      const path = await write('days/v1.csv', 'id\n1\n');
      await write('days/v2.csv', 'id\n2\n');
      const source = { type: 'file', path: 'days/v*.csv' } as const;
      const versions = new Set([await sources.version(source)]);
      assert.equal(await sources.version(source), [...versions][0]);

      await write('days/v3.csv', 'id\n3\n');
      versions.add(await sources.version(source));
      await rm(join(root, 'sources/days/v2.csv'));
      versions.add(await sources.version(source));
      await utimes(path, 1, 1);
      versions.add(await sources.version(source));

      assert.equal(versions.size, 4);
      for (const version of versions) assert.ok(Number.isFinite(Date.parse(version ?? '')));
    });

    it('takes nothing from outside the folders of sources', async () => {
      await mkdir(join(root, 'private'));
      await writeFile(join(root, 'private/secret.csv'), 'id\n1\n');
      await symlink(join(root, 'private/secret.csv'), join(root, 'sources/days/link-1.csv'));
      await symlink(join(root, 'private'), join(root, 'sources/linked'));
      for (const path of [
        '../private/*.csv',
        `${root}/private/*.csv`,
        `${root}/*/secret.csv`,
        '*/../../private/secret.csv',
        '/etc/*',
        'days/link-*.csv',
        'link*/secret.csv',
        '/*/*',
      ]) {
        await refused(create({ source: { type: 'file', path } }), 'source_not_allowed', /outside/);
      }
      await refused(
        create({ source: { type: 'file', path: 'none-*.csv' } }),
        'source_not_readable',
        /no file fits it/,
      );
    });
  });

  describe('of a query', () => {
    let orders: Dataset;
    let customers: Dataset;
    before(async () => {
      await write('sales.csv', 'id,customer\n1,7\n2,8\n3,7\n');
      await write('customers.jsonl', '{"customer":7,"name":"Acme"}\n');
      orders = await create({ source: { type: 'file', path: 'sales.csv' } });
      customers = await create({ source: { type: 'file', path: 'customers.jsonl' } });
    });
    const sql = (
      query: string,
      named: Record<string, string> = { orders: orders.id, customers: customers.id },
    ) => create({ source: { type: 'sql', query, datasets: named }, primaryKey: [] });

    it('reads the datasets that it names', async () => {
      const query = 'SELECT o.id, c.name FROM orders o JOIN customers c USING (customer)';

      const joined = await sql(query);

      assert.deepEqual(typesOf(joined), ['id BIGINT', 'name VARCHAR']);
      assert.deepEqual(await rowsOf(joined), [
        { id: 1, name: 'Acme' },
        { id: 3, name: 'Acme' },
      ]);
    });

    it('is another version when its text is another, or one of its datasets', async () => {
      const source = (query: string) =>
        ({ type: 'sql', query, datasets: { orders: orders.id } }) as const;
      const versions = new Set([
        await sources.version(source('FROM orders')),
        await sources.version(source('FROM orders LIMIT 1')),
      ]);
      await utimes(join(root, 'sources/sales.csv'), 1, 1);
      versions.add(await sources.version(source('FROM orders')));

      assert.equal(versions.size, 3);
    });

    it('refuses queries that are none, reach further, or stand on another query', async () => {
      await refused(sql('SELECT nothing FROM orders'), 'query_not_usable', /"nothing" not found/);
      await refused(sql(`FROM read_csv('/etc/passwd')`), 'query_not_usable', /"read_csv"/);
      await refused(sql('DROP TABLE orders'), 'query_not_usable', /must be a SELECT/);
      await refused(sql('FROM orders', { orders: 'ds_none' }), 'not_found', /"ds_none"/);
      const query = await sql('FROM orders');
      await refused(
        sql('FROM q', { q: query.id }),
        'invalid_request',
        /"source.datasets.q" is dataset ".*", which is a query itself/,
      );
    });

    it('ends when it takes too long', async () => {
      const limits = { memoryLimitMb: 200, threads: 1, queryTimeLimitSeconds: 1 };
      const impatient = createDuckDbEngine({ tempDir: join(root, 'impatient'), ...limits });
      const endless = await sql(
        'SELECT count(*) AS id FROM range(10000000) a, range(10000000) b WHERE a.range % 7 = b.range % 11',
      );
      const opened = await sources.open(endless);

      await refused(
        impatient.unload(
          { source: opened.source, format: 'jsonl', compression: 'none', split: { type: 'all' } },
          async () => {},
        ),
        'query_not_usable',
        /it took longer than 1 seconds/,
      );
      await impatient.close();
    });
  });
});
