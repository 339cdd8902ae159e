import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Event, KeysForgotten, Page } from '@causeway/contract';
import {
  type DeliveryStage,
  type Order,
  openDeliveryStage,
  recipientOf,
} from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { dataKeys, deliver, received, rowSource, verified } from '../testing/row-source.ts';
import type { TestWorker } from '../testing/test-worker.ts';

let stage: DeliveryStage;
let acme: Receiver;
let globex: Receiver;
let worker: TestWorker;
before(async () => {
  stage = await openDeliveryStage();
  [acme, globex] = await Promise.all([stage.connect('ACME'), stage.connect('GLOBEX')]);
  worker = await stage.startWorker();
});
after(() => stage?.close());

const types = { id: 'BIGINT', customer: 'VARCHAR', gone: 'BOOLEAN' };
const keyed = { primaryKey: ['id'] };
const row = (id: number, customer = 'ACME', gone = false) => ({ id, customer, gone });
const ids = (...numbers: (number | string)[]) => numbers.map((id) => ({ id }));

const forget = ({ dataset }: Order, keys: readonly object[], of?: Receiver) =>
  stage.call<KeysForgotten>(`POST /v1/datasets/${dataset.id}/tombstones`, {
    keys,
    ...(of && { customerId: of.customer.id }),
  });

describe('Keys to be forgotten', () => {
  it('go to their customer alone, once, with the next run of each delivery that it got before', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1), row(2), row(3, 'GLOBEX')]);
    const order = await source.order([acme, globex], {
      dataset: { ...keyed, customerColumn: 'customer' },
    });
    await forget(order, ids(9), acme);
    const first = await deliver(stage, order, acme);
    const kept = await forget(order, ids(1, 2, 1), acme);
    await source.write([row(2), row(3, 'GLOBEX')]);

    const second = await deliver(stage, order, acme);
    await source.write([row(2), row(4), row(3, 'GLOBEX')]);
    const third = await deliver(stage, order, acme);

    assert.deepEqual(
      [kept.keys, kept.customerId, kept.datasetId],
      [2, acme.customer.id, order.dataset.id],
    );
    // What was asked for before the first run is of nothing that anybody has.
    assert.deepEqual(first.tombstones, []);
    assert.deepEqual([second.rows.length, second.tombstones], [1, ids(1, 2)]);
    assert.deepEqual(third.tombstones, []);
    const found = await verified(stage, acme, second.run);
    assert.deepEqual(
      [found['signature']?.split(':')[0], found['files'], found['rows'], found['stray_files']],
      ['passed', 'passed: 2 of 2 files', 'passed: 1 rows', 'passed: no stray files'],
    );
    const { items } = await stage.call<Page<Event>>(
      'GET /v1/events?type=dataset.keys_forgotten&limit=1',
    );
    assert.deepEqual(
      items.map(({ customerId, after: facts }) => [customerId, facts]),
      [[acme.customer.id, { keys: 2 }]],
    );
    for (const { run } of [first, second, third]) {
      const others = await verified(stage, globex, run);
      assert.equal(others['files'], 'passed: 1 of 1 files');
    }
  });

  it('are sent by themselves where the source has not changed, and replace nothing', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1), row(2)]);
    const order = await source.order([acme], {
      dataset: keyed,
      delivery: { writeMode: 'overwrite', format: 'parquet' },
    });
    const run = await stage.ended(await stage.startRun(order));
    const [key] = await dataKeys(stage, acme, order);
    await forget(order, ids(2));

    const next = await stage.ended(await stage.startRun(order));
    const last = await stage.ended(await stage.startRun(order));

    assert.equal(recipientOf(next, acme).state, 'delivered');
    assert.equal(recipientOf(last, acme).state, 'unchanged');
    assert.equal(recipientOf(last, acme).deliveredByRunId, run.id);
    assert.deepEqual(await dataKeys(stage, acme, order), [key]);
    const found = await verified(stage, acme, next);
    assert.deepEqual(
      [found['files'], found['rows'], found['stray_files'], found['sequence']?.slice(0, 16)],
      ['passed: 1 of 1 files', 'passed: 0 rows', 'passed: no stray files', 'passed: number 2'],
    );
    const before = await verified(stage, acme, run);
    assert.equal(before['files'], 'passed: 1 of 1 files');
  });

  it('follow the tombstones of rows that are marked, to all where rows have no customer', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1), row(2)]);
    const order = await source.order([acme, globex], {
      dataset: { ...keyed, deletedColumn: 'gone' },
    });
    await deliver(stage, order, acme);
    await source.write([row(1), row(2, 'ACME', true)]);
    await forget(order, ids(7));
    await forget(order, ids(8), globex);

    const run = await deliver(stage, order, acme);

    assert.deepEqual(
      run.manifest.tombstones.map(({ key, rows }) => [key.slice(-11), rows]),
      [
        ['00000.jsonl', 1],
        ['00001.jsonl', 1],
      ],
    );
    assert.deepEqual([run.rows.length, run.tombstones], [1, ids(2, 7)]);
    const found = await verified(stage, globex, run.run);
    assert.equal(found['files'], 'passed: 3 of 3 files');
    assert.equal(found['stray_files'], 'passed: no stray files');
  });

  for (const operation of ['UploadPart', 'CompleteMultipartUpload', 'PutObject']) {
    it(`are sent once by whoever goes on for a worker that was killed in ${operation}`, async () => {
      const source = rowSource(stage, types);
      await source.write([row(1)]);
      const order = await source.order([acme], { dataset: keyed });
      await deliver(stage, order, acme);
      await forget(order, ids(1));
      await worker.stop();
      const held = await stage.inject({ operation, effect: { type: 'hold' } });
      const begun = await stage.startRun(order);
      const killed = await stage.startWorkerProcess();
      await held.caught(1);
      await killed.kill();
      await held.remove();
      // What comes between them is told by one of the two.
      await forget(order, ids(5));

      worker = await stage.startWorker();
      const run = await stage.ended(begun);
      await source.write([row(2)]);
      const next = await deliver(stage, order, acme);

      const isTaken = operation === 'UploadPart';
      assert.deepEqual((await received(stage, acme, run)).tombstones, isTaken ? ids(1, 5) : ids(1));
      const found = await verified(stage, acme, run);
      assert.equal(found['stray_files'], 'passed: no stray files');
      assert.deepEqual(next.tombstones, isTaken ? [] : ids(5));
      assert.equal(next.manifest.sequence, 3);
    });
  }

  it('are read as what they are, whatever the types of the key', async () => {
    const columns = {
      big: 'BIGINT',
      price: 'DECIMAL(20,2)',
      uuid: 'UUID',
      day: 'DATE',
      at: 'TIMESTAMP',
      moment: 'TIMESTAMP WITH TIME ZONE',
      recipient: 'VARCHAR',
    };
    const key = {
      big: '9223372036854775807',
      price: '123456789012345678.25',
      uuid: '3f0b1ad4-6a4c-4f1c-8e0a-5b1f6a3d2c10',
      day: '2026-01-31',
      at: '2026-01-31T12:00:00.000001',
      moment: '2026-01-31T12:00:00.5+01:00',
      recipient: 'an "odd" one\u2028{\nwith lines',
    };
    const source = rowSource(stage, columns);
    await source.write([key]);
    const order = await source.order([acme], {
      dataset: { primaryKey: Object.keys(columns) },
      delivery: { compression: 'gzip' },
    });
    const { rows, manifest: before } = await deliver(stage, order, acme);
    await forget(order, [key]);

    const { manifest, rows: more, tombstones } = await deliver(stage, order, acme);

    assert.deepEqual([more, tombstones], [[], rows]);
    const { to } = before.window;
    assert.deepEqual([manifest.rows, manifest.window], [0, { from: to, to }]);
  });

  it('are removed when all were told of them and their days are over, and the fact stays', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1), row(2)]);
    const order = await source.order([acme, globex], { dataset: keyed });
    const again = await stage.call<Order['delivery']>('POST /v1/deliveries', {
      ...{ name: 'again', datasetId: order.dataset.id, format: order.delivery.format },
      customerIds: [globex.customer.id],
    });
    const other = { ...order, delivery: again };
    await deliver(stage, order, acme);
    await deliver(stage, other, globex);
    await forget(order, ids(1), acme);
    await forget(order, ids(1, 2));
    const removed = async (keptDays = 0) => {
      const keys: number[] = [];
      for (;;) {
        const next = await stage.store.forgottenRetention.removeNext(keptDays);
        if (!next) return keys;
        if (next.datasetId === order.dataset.id) keys.push(next.keys);
      }
    };
    assert.deepEqual(await removed(), [], 'nobody was told');

    const told = await deliver(stage, order, acme);
    assert.deepEqual(told.tombstones, ids(1, 1, 2));
    assert.deepEqual(await removed(1), [], 'their days are not over');
    assert.deepEqual(await removed(), [1], 'the other delivery owes the second request');
    assert.deepEqual((await deliver(stage, other, globex)).tombstones, ids(1, 2));
    assert.deepEqual(await removed(), [2]);
    assert.deepEqual(await removed(), []);

    await forget(order, ids(3));
    assert.deepEqual((await deliver(stage, order, acme)).tombstones, ids(3));
    const { items } = await stage.call<Page<Event>>(
      'GET /v1/events?type=dataset.keys_forgotten&limit=3',
    );
    assert.deepEqual(
      items.map((event) => event.after),
      [{ keys: 1 }, { keys: 2 }, { keys: 1 }],
    );
  });

  it('must be keys of the dataset, and of a customer where rows are', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1)]);
    const of = (dataset: object) => source.order([acme], { dataset });
    const [plain, split, whole] = [
      await of({}),
      await of({ primaryKey: ['customer', 'id'], customerColumn: 'customer' }),
      await of(keyed),
    ];
    const refusal = async ({ dataset }: Order, body: object, status = 400) => {
      const answer = await stage.send(`POST /v1/datasets/${dataset.id}/tombstones`, body);
      assert.equal(answer.status, status, answer.text);
      return JSON.parse(answer.text).error.message as string;
    };

    assert.match(await refusal(plain, { keys: ids(1) }), /it has no primary key/);
    assert.match(await refusal(split, { keys: ids(1) }), /"customerId" must be given/);
    const customerId = acme.customer.id;
    const others = [{ customer: 'GLOBEX', id: 1 }];
    assert.match(
      await refusal(split, { customerId, keys: others }),
      /the customer's own reference/,
    );
    assert.match(
      await refusal(split, { customerId, keys: ids(1) }),
      /"keys.0.customer" is missing/,
    );
    const more = [{ id: 1, gone: true }];
    assert.match(await refusal(whole, { keys: more }), /"keys.0.gone" is no column of the primary/);
    assert.match(await refusal(whole, { keys: ids('x', 2 ** 60) }), /keys.0.id.*keys.1.id/);
    assert.match(await refusal(whole, { keys: [] }), /keys/);
    const many = Array.from({ length: 10_001 }, (_, id) => ({ id }));
    assert.match(await refusal(whole, { keys: many }), /keys/);
    const nobody = { keys: ids(1), customerId: 'cus_nobody' };
    assert.match(await refusal(whole, nobody, 404), /cus_nobody/);
  });
});
