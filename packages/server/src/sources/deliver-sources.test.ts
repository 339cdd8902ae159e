import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';
import type { Column, Dataset, Event, Page, Run } from '@causeway/contract';
import { parquetFile } from '@causeway/engine';
import pg from 'pg';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';

/** What a receiver finds is compared with the flights as Parquet, whatever they were read from. */
describe('a delivery', () => {
  let stage: DeliveryStage;
  let atl: Receiver;
  let folder: string;
  before(async () => {
    stage = await openDeliveryStage();
    atl = await stage.connect('ATL');
    folder = stage.configuration.sourceDirs[0] ?? '';
    await stage.startWorker();
    await writeHalves();
  });
  after(() => stage.close());

  const day = (from: string, to: string) =>
    ({
      cursorColumn: 'date',
      from: `2001-01-${from}T00:00:00Z`,
      to: `2001-01-${to}T00:00:00Z`,
    }) as const;

  /** The flights of two days as two files: CSV, one of them packed. */
  async function writeHalves(): Promise<void> {
    const source = parquetFile(join(folder, 'flights.parquet'));
    const form = { source, format: 'csv', split: { type: 'all' } } as const;
    await stage.engine.unload(
      { ...form, compression: 'gzip', window: day('01', '02') },
      (_index, stream) => pipeline(stream, createWriteStream(join(folder, 'half-1.csv.gz'))),
    );
    await stage.engine.unload(
      { ...form, compression: 'none', window: day('02', '03') },
      (_index, stream) => pipeline(stream, createWriteStream(join(folder, 'half-2.csv'))),
    );
  }

  const csv = {
    type: 'file',
    path: 'half-*.csv*',
    columns: [{ name: 'date', type: 'TIMESTAMP' }],
  };
  const failureOf = (run: Run) => recipientOf(run, atl).failure;

  it('sends files of CSV as the rows that they are, and again only when they change', async () => {
    const order = await stage.order([atl], { dataset: { source: csv } });

    const first = await stage.ended(await stage.startRun(order));
    await stage.proveDelivered(order, atl, [first]);
    const again = await stage.ended(await stage.startRun(order));

    assert.equal(recipientOf(again, atl).state, 'unchanged');
  });

  it('sends what a query makes of datasets', async () => {
    const { dataset } = await stage.order([atl], { dataset: { source: csv } });
    const source = { type: 'sql', query: 'FROM flights', datasets: { flights: dataset.id } };
    const order = await stage.order([atl], { dataset: { source } });

    const run = await stage.ended(await stage.startRun(order));

    await stage.proveDelivered(order, atl, [run]);
  });

  it('sends a window of a table of PostgreSQL, whose password nobody is ever told', async () => {
    const canary = 'canary-7f3a/b&c d';
    const admin = new pg.Client(stage.configuration.databaseUrl);
    await admin.connect();
    await admin.query(`CREATE ROLE reader LOGIN PASSWORD ${pg.escapeLiteral(canary)};
      CREATE TABLE public.orders AS SELECT id, 'ATL' AS origin,
        timestamptz '2026-01-01Z' + id * interval '1 second' AS changed_at
        FROM generate_series(1, 1000) AS id;
      ALTER TABLE public.orders ADD PRIMARY KEY (id);
      GRANT SELECT ON public.orders TO reader`);
    const { host, pathname } = new URL(stage.configuration.databaseUrl);
    const url = `postgres://reader:${encodeURIComponent(canary)}@${host}${pathname}`;
    const source = { type: 'postgres', url, table: 'orders' };
    const order = await stage.order([atl], {
      dataset: { source, cursorColumn: 'changed_at' },
      delivery: { mode: 'incremental', columns: ['id', 'changed_at'] },
    });

    const window = { from: '2026-01-01T00:01:40Z', to: '2026-01-01T00:05:00Z' };
    const run = await stage.ended(await stage.startRun(order, window));
    const { rows: kept } = await admin.query(`SELECT source, primary_key FROM causeway.datasets
      WHERE id = '${order.dataset.id}'`);
    const { rows: events } = await admin.query('SELECT * FROM causeway.events');
    await admin.end();

    assert.equal(recipientOf(run, atl).rows, 200, JSON.stringify(failureOf(run)));
    assert.deepEqual(order.dataset.primaryKey, ['id']);
    assert.deepEqual(order.dataset.source, {
      ...source,
      url: `postgres://reader@${host}${pathname}`,
      table: 'public.orders',
      statementTimeoutSeconds: 3600,
    });
    const told = JSON.stringify([run, kept, events, await stage.call('GET /v1/datasets')]);
    assert.ok(!told.includes('7f3a'));
  });

  it('goes on with columns that the source gets, and not without those that it lost', async () => {
    const admin = new pg.Client(stage.configuration.databaseUrl);
    await admin.connect();
    await admin.query("CREATE TABLE public.evolving AS SELECT 1 AS id, 'ATL' AS origin");
    const url = new URL(stage.configuration.databaseUrl).href;
    const source = { type: 'postgres', url, table: 'public.evolving', tls: 'disable' };
    const order = await stage.order([atl], { dataset: { source } });
    const path = `/v1/datasets/${order.dataset.id}`;
    const runAfter = async (change: string) => {
      await admin.query(change);
      return stage.ended(await stage.startRun(order));
    };
    const sentBy = async (run: Run) => {
      const query = 'SELECT manifest_body AS body FROM causeway.run_recipients WHERE run_id = $1';
      const { rows } = await admin.query(query, [run.id]);
      assert.ok(rows[0]?.body, JSON.stringify(failureOf(run)));
      return JSON.parse(rows[0].body).schema.map(({ name, type }: Column) => `${name} ${type}`);
    };
    const known = ['id INTEGER', 'origin VARCHAR'];

    const first = await runAfter('SELECT 1');
    const wider = await runAfter('ALTER TABLE evolving ADD COLUMN seats int');
    const other = await runAfter('ALTER TABLE evolving ALTER COLUMN seats TYPE bigint');
    const refused = await stage.send(`PATCH ${path}`, { source });
    const refreshed = await stage.call<Dataset>(`POST ${path}/refresh`);
    const accepted = await runAfter('SELECT 1');
    await stage.call(`PATCH ${path}`, { schemaPolicy: 'freeze' });
    const frozen = await runAfter('ALTER TABLE evolving ADD COLUMN late int');
    await admin.query('ALTER TABLE evolving RENAME COLUMN origin TO start');
    const lacking = await stage.send(`POST ${path}/refresh`);

    assert.deepEqual(await sentBy(first), known);
    assert.deepEqual(await sentBy(wider), [...known, 'seats INTEGER']);
    assert.equal(failureOf(other)?.code, 'schema_changed');
    assert.match(
      failureOf(other)?.message ?? '',
      /column "seats" had type "INTEGER" and has "BIGINT"/,
    );
    assert.match(failureOf(other)?.hint ?? '', /refresh/);
    assert.match(refused.text, /"schema_changed"/);
    assert.deepEqual(refreshed.schema.at(-1), { name: 'seats', type: 'BIGINT', nullable: true });
    assert.deepEqual(await sentBy(accepted), [...known, 'seats BIGINT']);
    assert.deepEqual(await sentBy(frozen), [...known, 'seats BIGINT']);
    assert.match(lacking.text, /"column_not_found"/);
    const { items } = await stage.call<Page<Event>>(`GET /v1/events?datasetId=${order.dataset.id}`);
    const told = items.filter(({ type }) => type.startsWith('dataset.')).toReversed();
    const seats = (type: string) => ({ columns: { seats: { type, nullable: true } } });
    assert.deepEqual(
      told.slice(1).map((event) => [event.type, event.runId, event.before, event.after]),
      [
        ['dataset.schema_changed', wider.id, { columns: { seats: null } }, seats('INTEGER')],
        ['dataset.schema_changed', null, seats('INTEGER'), seats('BIGINT')],
        ['dataset.updated', null, { schemaPolicy: 'evolve' }, { schemaPolicy: 'freeze' }],
      ],
    );

    const elsewhere = { ...source, url: url.replace(/:[^:@/]+@/, '@') };
    const kept = await stage.send(`PATCH ${path}`, { source: elsewhere, acceptSchema: true });
    assert.match(
      kept.text,
      /"column_not_found"/,
      'the password was found, and the columns were read',
    );
    const moved = { ...elsewhere, url: elsewhere.url.replace('127.0.0.1', 'localhost') };
    const lost = await stage.send(`PATCH ${path}`, { source: moved });
    assert.match(lost.text, /"password_missing"/, 'the password goes to no other server');
    await admin.end();
  });

  it('fails with file, line and column, and leaves nothing, when a line is wrong', async () => {
    const order = await stage.order([atl], { dataset: { source: csv } });
    await appendFile(join(folder, 'half-2.csv'), 'never,1,2,ATL,ORD\n');

    const run = await stage.ended(await stage.startRun(order));

    assert.equal(run.state, 'failed');
    assert.match(
      failureOf(run)?.message ?? '',
      /half-2\.csv": line \d+: Error when converting column "date"\. Could not convert string "never"/,
    );
    assert.deepEqual(await atl.keysOf(order.dataset.name), []);
    assert.deepEqual(await atl.openUploads(), []);
  });
});
