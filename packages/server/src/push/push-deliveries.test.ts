import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Delivery, Event, Manifest, Page, Run } from '@causeway/contract';
import { accountClients } from '@causeway/sandbox/clients';
import pg from 'pg';
import { type DeliveryStage, type Order, openDeliveryStage } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import type { TestWorker } from '../testing/test-worker.ts';

let stage: DeliveryStage;
let acme: Receiver;
let worker: TestWorker;
let database: pg.Client;

before(async () => {
  stage = await openDeliveryStage();
  acme = await stage.connect('acme');
  // It looks for deliveries that are due, too.
  worker = await stage.startWorker();
  database = new pg.Client({ connectionString: stage.configuration.databaseUrl });
  await database.connect();
});
after(async () => {
  await database?.end();
  await worker?.stop();
  await stage?.close();
});

const columns = [
  { name: 'id', type: 'BIGINT', nullable: false },
  { name: 'kind', type: 'VARCHAR' },
  { name: 'score', type: 'DOUBLE' },
  { name: 'day', type: 'DATE' },
  { name: 'isRead', type: 'BOOLEAN' },
];

const order = (delivery: object, dataset: object = {}) =>
  stage.order([acme], {
    dataset: { source: { type: 'push', columns, ...dataset }, customerColumn: null },
    delivery: { mode: 'incremental', format: 'jsonl', ...delivery },
  });

/** Another delivery of the same records. */
async function orderAgain(of: Order, delivery: object): Promise<Order> {
  const body = {
    name: 'again',
    datasetId: of.dataset.id,
    customerIds: [acme.customer.id],
    mode: 'incremental',
    format: 'jsonl',
    ...delivery,
  };
  return { ...of, delivery: await stage.call<Delivery>('POST /v1/deliveries', body) };
}

const push = (to: Order, records: readonly object[]) =>
  stage.call<{ receivedAt: string; position: number }>(
    `POST /v1/datasets/${to.dataset.id}/records`,
    records,
  );

const runsOf = async ({ delivery }: Order) =>
  (await stage.call<Page<Run>>(`GET /v1/runs?deliveryId=${delivery.id}`)).items;

const troublesOf = async ({ delivery }: Order) => {
  const { items } = await stage.call<Page<Event>>(`GET /v1/events?deliveryId=${delivery.id}`);
  return items.filter(({ type }) => type === 'delivery.not_run').map(({ cause }) => cause);
};

/** The runs of an order, oldest first, once there are so many and all have ended. */
async function begun(of: Order, count: number): Promise<Run[]> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const runs = await runsOf(of);
    if (runs.length >= count) return Promise.all(runs.toReversed().map((run) => stage.ended(run)));
    assert.ok(performance.now() < deadline, `${runs.length} runs, not ${count}`);
    await sleep(50);
  }
}

/** When an order is due, once that is as expected. */
async function nextRun(of: Order, isExpected: (time: string | null) => boolean) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { nextRunAt } = await stage.call<Delivery>(`GET /v1/deliveries/${of.delivery.id}`);
    if (isExpected(nextRunAt)) return nextRunAt;
    assert.ok(performance.now() < deadline, `due at ${nextRunAt}`);
    await sleep(20);
  }
}

async function manifestOf(run: Run | undefined): Promise<Manifest> {
  assert.equal(run?.state, 'succeeded', JSON.stringify(run?.recipients));
  return JSON.parse(await read(run?.recipients[0]?.manifestKey ?? ''));
}

async function idsOf(run: Run | undefined): Promise<number[]> {
  const { files } = await manifestOf(run);
  const texts = await Promise.all(files.map(({ key }) => read(key)));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return lines.map((line) => JSON.parse(line).id).toSorted((a, b) => a - b);
}

async function read(key: string): Promise<string> {
  const { bucket, accountId } = acme.connection;
  const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

async function runNow(of: Order): Promise<Run> {
  return stage.ended(await stage.startRun(of));
}

const refusalOf = async (body: object, path: string) => {
  const answer = await stage.send(`POST ${path}`, body);
  return JSON.parse(answer.text).error?.message ?? answer.text;
};

const batch = (limits: object) => ({
  schedule: { type: 'batch', maxRecords: 1_000_000, maxAgeSeconds: 86_400, ...limits },
});
const ids = (...numbers: number[]) => numbers.map((id) => ({ id }));

describe('A delivery in batches', () => {
  it('begins once enough records wait, and leaves what comes later to the next', async () => {
    const of = await order(batch({ maxRecords: 3 }));
    await push(of, ids(0, 1));
    const nextRunAt = await nextRun(of, (time) => time !== null);
    assert.ok(Date.parse(nextRunAt ?? '') > Date.now() + 86_000_000, `due at ${nextRunAt}`);
    assert.deepEqual(await runsOf(of), []);

    await push(of, ids(2));
    const [first] = await begun(of, 1);
    await push(of, ids(3, 4, 5, 6));
    const [, second] = await begun(of, 2);

    assert.deepEqual(await idsOf(first), [0, 1, 2]);
    assert.deepEqual(await idsOf(second), [3, 4, 5, 6]);
  });

  it('begins once enough bytes wait', async () => {
    const of = await order(batch({ maxBytes: 60 }));
    await push(of, ids(0));

    await push(of, [{ id: 1, kind: 'x'.repeat(40) }]);

    const [run] = await begun(of, 1);
    assert.deepEqual(await idsOf(run), [0, 1]);
  });

  it('begins once a record has waited for long enough, and never for none', async () => {
    const of = await order(batch({ maxAgeSeconds: 1 }));
    await push(of, ids(0));
    const [first] = await begun(of, 1);
    await push(of, ids(1));
    const [, second] = await begun(of, 2);
    await sleep(1_200);

    assert.deepEqual([await idsOf(first), await idsOf(second)], [[0], [1]]);
    assert.equal((await runsOf(of)).length, 2);
  });

  it('begins none for what was sent when somebody asked for it', async () => {
    const of = await order(batch({}));
    await push(of, ids(0));
    await nextRun(of, (time) => time !== null);

    const run = await runNow(of);
    // As if the record had waited for long enough by now.
    await database.query(
      `update causeway.deliveries set next_run_at = clock_timestamp()
        where id = $1 and next_run_at is not null`,
      [of.delivery.id],
    );
    await nextRun(of, (time) => time === null);

    assert.deepEqual(await idsOf(run), [0]);
    assert.equal((await runsOf(of)).length, 1);
    assert.deepEqual(await troublesOf(of), []);
  });

  it('waits for a run at work without calling it trouble, and then sends all that came', async () => {
    const of = await order(batch({ maxRecords: 1 }));
    const held = await stage.inject({ operation: 'UploadPart', effect: { type: 'hold' } });
    await push(of, ids(0));
    await held.caught(1);
    await push(of, ids(1));
    await push(of, ids(2));
    await nextRun(of, (time) => time !== null);
    await nextRun(of, (time) => time === null);
    await held.remove();

    const [first, second] = await begun(of, 2);

    assert.deepEqual([await idsOf(first), await idsOf(second)], [[0], [1, 2]]);
    assert.deepEqual(await troublesOf(of), []);
  });

  it('begins none while it is paused, and afterwards what has waited', async () => {
    const of = await order(batch({ maxRecords: 1 }));
    const path = `/v1/deliveries/${of.delivery.id}`;
    await stage.call(`POST ${path}/pause`);
    await push(of, ids(0));
    await sleep(1_200);
    assert.deepEqual(await runsOf(of), []);

    await stage.call(`POST ${path}/resume`);

    const [run] = await begun(of, 1);
    assert.deepEqual(await idsOf(run), [0]);
  });

  it('is for pushed records, sent incrementally', async () => {
    const { dataset } = await order({});
    const files = await stage.order([acme]);
    const body = { name: 'x', customerIds: [acme.customer.id], ...batch({}) };
    const path = '/v1/deliveries';

    const full = await refusalOf({ ...body, datasetId: dataset.id }, path);
    const other = await refusalOf({ ...body, datasetId: files.dataset.id }, path);

    assert.match(full, /"schedule.type" cannot be "batch" unless "mode" is "incremental"/);
    assert.match(other, /"schedule.type" cannot be "batch", since nothing is pushed/);
  });
});

describe('A delivery of pushed records on change', () => {
  it('begins when something is pushed, long before it would look by itself', async () => {
    const of = await order({ schedule: { type: 'on_change', pollSeconds: 86_400 } });
    // What it is due for at once, when it is made, is that nothing was pushed yet.
    const [empty] = await begun(of, 1);
    assert.deepEqual(await idsOf(empty), []);

    await push(of, ids(0));

    const [, run] = await begun(of, 2);
    assert.deepEqual(await idsOf(run), [0]);
  });
});

describe('A delivery of some of the pushed records', () => {
  it('sends those that meet all of its conditions, or any, by the types of the columns', async () => {
    const of = await order({});
    await push(of, [
      { id: 0, kind: 'insight', score: 0.9, day: '2026-01-31', isRead: true },
      { id: 1, kind: 'insight', score: 0.2, day: '2026-02-01', isRead: false },
      { id: 2, kind: 'event', score: 10, day: '2025-12-31' },
      { id: 3 },
    ]);
    const conditions = [
      { column: 'kind', operator: 'equals', value: 'insight' },
      { column: 'score', operator: 'greater', value: 0.5 },
    ];
    const sent = async (filter: object, columns?: readonly string[]) =>
      idsOf(await runNow(await orderAgain(of, { filter, ...(columns && { columns }) })));

    assert.deepEqual(await sent({ match: 'all', conditions }), [0]);
    assert.deepEqual(await sent({ match: 'any', conditions }), [0, 1, 2]);
    const since = { column: 'day', operator: 'greater_or_equal', value: '2026-01-31' };
    const unread = { column: 'isRead', operator: 'not_equals', value: true };
    assert.deepEqual(await sent({ conditions: [since, unread] }, ['id']), [1]);
    assert.match(
      await refusalOf(
        {
          name: 'x',
          datasetId: of.dataset.id,
          customerIds: [acme.customer.id],
          filter: { conditions: [{ column: 'score', operator: 'equals', value: 'high' }] },
        },
        '/v1/deliveries',
      ),
      /filter.conditions.0.value/,
    );
  });
});

describe('A delivery of a file for each record', () => {
  const perRecord = { filePerRecord: true, format: 'json' };

  it('names each by its position, writes it as one object, and signs for them together', async () => {
    const of = await order(perRecord);
    await push(of, ids(7));
    await push(of, [
      { id: 8, kind: 'insight "x"\n', score: 0.5 },
      { id: 9, isRead: true },
    ]);
    const keyTemplate = 'by/{dataset}/{partition}/{position}-{runId}.{ext}';
    const terms = { columns: ['score', 'id'], partitionBy: ['id'], compression: 'gzip' };
    const other = await orderAgain(of, { ...perRecord, ...terms, keyTemplate });
    // The answers to some writes are lost: none of them is made twice for it.
    const lost = await stage.inject({
      operation: '*',
      probability: 0.3,
      effect: { type: 'fail_after', status: 500, code: 'InternalError' },
    });

    const run = await runNow(of);
    await lost.remove();
    const otherRun = await runNow(other);

    const { files, format, rows, layout } = await manifestOf(run);
    const folder = `causeway/${of.dataset.name}/dt=${run.createdAt.slice(0, 10)}`;
    assert.deepEqual(
      files.map((file) => file.key),
      [0, 1, 2].map((position) => `${folder}/${run.id}_00000000000${position}.json`),
    );
    assert.deepEqual(await Promise.all(files.map(({ key }) => read(key))), [
      '{"id":7,"kind":null,"score":null,"day":null,"isRead":null}\n',
      '{"id":8,"kind":"insight \\"x\\"\\n","score":0.5,"day":null,"isRead":null}\n',
      '{"id":9,"kind":null,"score":null,"day":null,"isRead":true}\n',
    ]);
    assert.deepEqual([format, rows, files.map((file) => file.rows)], ['jsonl', 3, [1, 1, 1]]);
    assert.match(layout?.keyTemplate ?? '', /\{runId\}_\{position\}/);
    assert.deepEqual(
      (await acme.keysOf(of.dataset.name)).filter((key) => key.startsWith(folder)),
      files.map((file) => file.key),
    );
    assert.deepEqual(await acme.openUploads(), []);
    assert.deepEqual(
      (await manifestOf(otherRun)).files.map(({ key }) => key).toSorted(),
      [7, 8, 9].map(
        (id) =>
          `causeway/by/${of.dataset.name}/id=${id}/00000000000${id - 7}-${otherRun.id}.json.gz`,
      ),
    );
  });

  it('has a thousand records in a run, and goes on with the next until all are sent', async () => {
    const some = [0, 999, 1000, 2300];
    const filter = { conditions: [{ column: 'id', operator: 'in', value: some }] };
    const of = await order({});
    const body = `/v1/datasets/${of.dataset.id}/records`;
    const request = {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stage.api.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': 'all-at-once',
      },
      body: JSON.stringify(Array.from({ length: 2301 }, (_, id) => ({ id }))),
    };
    const kept = async () => (await fetch(`${stage.api.url}${body}`, request)).json();
    const first = await kept();
    assert.deepEqual(await kept(), first);
    assert.deepEqual([first.accepted, first.position], [2301, 0]);
    assert.equal((await push(of, ids(5))).position, 2301);

    const manual = await orderAgain(of, { ...perRecord, filter });
    const all = { window: { from: null, to: new Date().toISOString() } };
    assert.match(
      await refusalOf(all, `/v1/deliveries/${manual.delivery.id}/runs`),
      /"window.to" must not be later than .*: a run has at most 1000 records/,
    );
    const again = await orderAgain(of, { ...perRecord, filter, ...batch({ maxRecords: 1 }) });
    const runs = await begun(again, 3);

    assert.deepEqual(await Promise.all(runs.map(idsOf)), [[0, 999], [1000], [2300]]);
    const windows = (await Promise.all(runs.map(manifestOf))).map(({ window }) => window);
    assert.deepEqual(windows[1]?.from, windows[0]?.to);
    assert.deepEqual(windows[2]?.from, windows[1]?.to);
    assert.deepEqual(await idsOf(await runNow(manual)), [0, 999]);
  });

  it('does not begin again and again what cannot be delivered', async () => {
    const of = await order({});
    await push(
      of,
      Array.from({ length: 1001 }, (_, id) => ({ id })),
    );
    const filter = { conditions: [{ column: 'id', operator: 'in', value: [0, 1000] }] };
    const undo = await acme.lockOut();
    const again = await orderAgain(of, { ...perRecord, filter, ...batch({ maxRecords: 1 }) });
    const [failed] = await begun(again, 1);
    await sleep(1_500);
    assert.deepEqual([failed?.state, (await runsOf(again)).length], ['failed', 1]);

    await undo();
    await stage.call(`POST /v1/connections/${acme.connection.id}/check`);
    await stage.call(`POST /v1/runs/${failed?.id}/retry`);

    const [, retried, next] = await begun(again, 3);
    assert.deepEqual([await idsOf(retried), await idsOf(next)], [[0], [1000]]);
  });

  it('is for JSON of pushed records as they come, and says so', async () => {
    const { dataset } = await order({});
    const files = await stage.order([acme]);
    const body = { name: 'x', datasetId: dataset.id, customerIds: [acme.customer.id] };
    const wanted = { ...body, ...perRecord, mode: 'incremental' };
    for (const [change, why] of [
      [{ mode: 'full' }, /"filePerRecord" cannot be true unless "mode" is "incremental"/],
      [{ format: 'csv' }, /unless "format" is "json" or "jsonl"/],
      [{ schedule: { type: 'on_change' } }, /with a schedule of type "on_change"/],
      [{ datasetId: files.dataset.id }, /since nothing is pushed to dataset/],
      [{ keyTemplate: '{dataset}/{runId}_{index}.{ext}' }, /"keyTemplate" must end in a name/],
    ] as const) {
      assert.match(await refusalOf({ ...wanted, ...change }, '/v1/deliveries'), why);
    }
  });
});

describe('Records whose days are over', () => {
  /** How many are left once all that may go are gone: the worker removes some, too. */
  const left = async ({ dataset }: Order) => {
    while (await stage.store.pushRetention.removeNext());
    const { rows } = await database.query(
      'select sum(records)::integer as records from causeway.push_batches where dataset_id = $1',
      [dataset.id],
    );
    return rows[0].records ?? 0;
  };
  const longAgo = ({ dataset }: Order) =>
    database.query(
      `update causeway.push_batches set received_at = received_at - interval '3 days'
        where dataset_id = $1`,
      [dataset.id],
    );

  it('are removed once all deliveries have passed them, also those that are paused', async () => {
    const of = await order({}, { retentionDays: 1 });
    const paused = await orderAgain(of, {});
    await stage.call(`POST /v1/deliveries/${paused.delivery.id}/pause`);
    await push(of, ids(0, 1));
    await longAgo(of);
    await push(of, ids(2));
    assert.equal(await left(of), 3);
    assert.deepEqual(await idsOf(await runNow(of)), [0, 1, 2]);
    assert.equal(await left(of), 3);

    await stage.call(`DELETE /v1/deliveries/${paused.delivery.id}`);
    assert.equal(await left(of), 1);

    assert.match(
      await refusalOf(
        { window: { from: null, to: new Date().toISOString() } },
        `/v1/deliveries/${of.delivery.id}/runs`,
      ),
      /"window.from" must not be earlier than .* has been removed/,
    );
    const run = await runNow(await orderAgain(of, {}));
    assert.deepEqual(await idsOf(run), [2]);
    assert.notEqual((await manifestOf(run)).window.from, null);
    assert.deepEqual((await push(of, ids(3))).position, 3);
  });

  it('stay while a full delivery or a query reads them, while a run does, and without a delivery', async () => {
    const of = await order({}, { retentionDays: 0 });
    const full = await orderAgain(of, { mode: 'full' });
    await push(of, ids(0));
    await longAgo(of);
    await idsOf(await runNow(of));
    assert.equal(await left(of), 1);

    const held = await stage.inject({ operation: 'UploadPart', effect: { type: 'hold' } });
    const again = await stage.startRun(of, { from: null, to: new Date().toISOString() });
    await held.caught(1);
    await stage.call(`DELETE /v1/deliveries/${full.delivery.id}`);
    assert.equal(await left(of), 1);
    // Otherwise they might go as soon as the run has ended.
    const unserved = await orderAgain(of, {});
    await held.remove();
    assert.deepEqual(await idsOf(await stage.ended(again)), [0]);
    for (const { delivery } of [of, unserved]) {
      await stage.call(`DELETE /v1/deliveries/${delivery.id}`);
    }
    assert.equal(await left(of), 1);
    await stage.call('POST /v1/datasets', {
      name: 'totals',
      source: {
        type: 'sql',
        query: 'SELECT count(*) AS records FROM pushed',
        datasets: { pushed: of.dataset.id },
      },
    });
    const { delivery } = await orderAgain(of, { history: 'none' });
    assert.equal(await left(of), 1);
    await database.query("delete from causeway.datasets where name = 'totals'");
    assert.equal(await left(of), 0, `by ${delivery.id}, which wants none of them`);
  });
});

describe('A delivery with a history', () => {
  it('begins with all, with nothing that was before, so many days ago, or at a time', async () => {
    const of = await order({});
    await push(of, ids(0));
    await push(of, ids(1));
    await database.query(
      `update causeway.push_batches set received_at = received_at - interval '3 days'
        where dataset_id = $1 and position = 0`,
      [of.dataset.id],
    );
    const { receivedAt } = await push(of, ids(2));
    const orders = [];
    for (const history of ['all', { days: 2 }, { since: receivedAt }, 'none']) {
      orders.push(await orderAgain(of, { history }));
    }
    await push(of, ids(3));

    const sent = [];
    for (const each of orders) sent.push(await idsOf(await runNow(each)));

    assert.deepEqual(sent, [[0, 1, 2, 3], [1, 2, 3], [2, 3], [3]]);
    const later = orders[3];
    assert.ok(later);
    await push(of, ids(4));
    assert.deepEqual(await idsOf(await runNow(later)), [4]);
    assert.equal((await manifestOf((await runsOf(later))[0])).window.to.length, 27);
  });

  it('is for incremental deliveries, and has begun already', async () => {
    const { dataset } = await order({});
    const body = { name: 'x', datasetId: dataset.id, customerIds: [acme.customer.id] };
    const full = await refusalOf({ ...body, history: 'none' }, '/v1/deliveries');
    const since = { history: { since: '2999-01-01T00:00:00Z' }, mode: 'incremental' };

    assert.match(full, /"history" is for incremental deliveries/);
    assert.match(
      await refusalOf({ ...body, ...since }, '/v1/deliveries'),
      /"history" must not be later than now/,
    );
  });
});
