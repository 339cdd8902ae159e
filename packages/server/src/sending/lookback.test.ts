import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DeliveryStage, type Order, openDeliveryStage } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { deliver, type Row, rowSource } from '../testing/row-source.ts';

let stage: DeliveryStage;
let acme: Receiver;
let globex: Receiver;
before(async () => {
  stage = await openDeliveryStage();
  [acme, globex] = await Promise.all([stage.connect('ACME'), stage.connect('GLOBEX')]);
  await stage.startWorker();
});
after(() => stage?.close());

const types = {
  id: 'BIGINT',
  customer: 'VARCHAR',
  updated: 'TIMESTAMP',
  plan: 'VARCHAR',
  deleted: 'BOOLEAN',
} as const;
const daySeconds = 24 * 3600;
const start = Date.now();
/** Some days before now, to the microsecond. */
const daysAgo = (days: number, micros = 0) => {
  const time = new Date(start - days * daySeconds * 1000).toISOString();
  return time.replace('Z', String(micros).padStart(3, '0'));
};
const row = (id: number, days: number, more: Row = {}): Row => ({
  id,
  customer: 'ACME',
  updated: daysAgo(days),
  plan: 'free',
  deleted: false,
  ...more,
});
const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
const looking = (days: number, dataset: object = {}) => ({
  dataset: { cursorColumn: 'updated', primaryKey: ['id'], ...dataset },
  delivery: { mode: 'incremental', lookbackSeconds: days * daySeconds },
});

describe('A delivery that looks back', () => {
  it('sends what came late or was changed in place, once, and nothing twice', async () => {
    const source = rowSource(stage, types);
    const rows = [row(1, 1), row(2, 2), row(3, 8)];
    await source.write(rows);
    const order = await source.order([acme], looking(5));

    const first = await deliver(stage, order, acme);
    assert.deepEqual([idsOf(first.rows), first.manifest.lookback], [[1, 2, 3], undefined]);
    // Late within the span, late beyond it, and changed without moving on.
    const later = [row(4, 3), row(5, 7), row(1, 1, { plan: 'pro' }), row(2, 2), row(3, 8)];
    await source.write(later);
    const second = await deliver(stage, order, acme);

    assert.deepEqual(idsOf(second.rows), [1, 4]);
    assert.equal(second.manifest.window.from, first.manifest.window.to);
    assert.ok((second.manifest.lookback?.from ?? '') < (second.manifest.window.from ?? ''));
    const third = await deliver(stage, order, acme);
    assert.deepEqual([third.rows, third.manifest.files], [[], []]);
  });

  it('to several customers with rows of their own, of which some are deleted', async () => {
    const source = rowSource(stage, types);
    const own = row(1, 1);
    const theirs = row(2, 1, { customer: 'GLOBEX' });
    await source.write([own, theirs]);
    const order = await source.order(
      [acme, globex],
      looking(5, { customerColumn: 'customer', deletedColumn: 'deleted' }),
    );
    await deliver(stage, order, acme);
    await source.write([{ ...own, deleted: true }, theirs, row(1, 2, { customer: 'GLOBEX' })]);
    const [second] = [await deliver(stage, order, acme)];
    const ofGlobex = second.run.recipients.find(
      ({ customerId }) => customerId === globex.customer.id,
    );

    assert.deepEqual([second.rows, second.tombstones], [[], [{ id: 1 }]]);
    assert.equal(ofGlobex?.rows, 1);
    const third = await deliver(stage, order, acme);
    assert.deepEqual([third.rows, third.tombstones], [[], []]);
  });

  it('reaches no further than it has remembered', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1, 2)]);
    const order = await source.order([acme], looking(0));
    await deliver(stage, order, acme);
    await stage.call(`PATCH /v1/deliveries/${order.delivery.id}`, {
      lookbackSeconds: 5 * daySeconds,
    });
    await source.write([row(1, 2), row(2, 1)]);
    const second = await deliver(stage, order, acme);

    assert.deepEqual([second.rows, second.manifest.lookback], [[], undefined]);
    const begun = await source.order([acme], looking(9));
    const from = new Date(start - 2 * daySeconds * 1000).toISOString();
    const to = new Date(start - daySeconds * 1000).toISOString();
    await deliver(stage, begun, acme, { from, to });
    await source.write([row(1, 3), row(2, 1.5), row(3, 0.5)]);
    const next = await deliver(stage, begun, acme);

    assert.deepEqual([idsOf(next.rows), next.manifest.lookback], [[2, 3], { from }]);
  });

  it('sends each version of each row once, however rows and runs follow each other', async () => {
    const source = rowSource(stage, types);
    const rows: Row[] = [row(0, 1)];
    await source.write(rows);
    const order: Order = await source.order([acme], looking(10));
    const sent: string[] = [];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return (seed >> 16) % below;
    };
    const versions = new Set<string>();
    const nameOf = ({ id, updated }: Row) => {
      const [second, fraction = ''] = String(updated).replace(' ', 'T').split('.');
      return `${id} ${second}.${fraction.padEnd(6, '0')}`;
    };
    for (let turn = 0; turn < 7; turn++) {
      for (let count = random(4); count > 0; count--) {
        const id = random(5);
        const made = row(id, random(9) + 1, { updated: daysAgo(random(9) + 1, random(3)) });
        const at = rows.findIndex((each) => each['id'] === id);
        if (at === -1) rows.push(made);
        else rows[at] = made;
      }
      for (const each of rows) versions.add(nameOf(each));
      await source.write(rows);
      const delivered = await deliver(stage, order, acme);
      sent.push(...delivered.rows.map(nameOf));
    }

    assert.ok(versions.size > 8);
    assert.deepEqual(sent.toSorted(), [...versions].toSorted());
  });

  it('needs a primary key, and windows to look back from', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1, 1)]);
    const { dataset, delivery } = looking(1);

    await assert.rejects(
      source.order([acme], { dataset: { ...dataset, primaryKey: [] }, delivery }),
      /needs a primary key/,
    );
    await assert.rejects(
      source.order([acme], { dataset, delivery: { ...delivery, mode: 'full' } }),
      /is for mode/,
    );
  });
});

describe('A window that is asked for', () => {
  it('out of turn moves the delivery neither on nor back, and keeps the sequence', async () => {
    const source = rowSource(stage, types);
    const at = (day: number, hour = 0) => `2026-01-0${day}T0${hour}:00:00.000Z`;
    const on = (id: number, day: number) => row(id, 0, { updated: at(day).replace('Z', '') });
    await source.write([1, 2, 3, 4, 5, 6].map((day) => on(day, day)));
    const order = await source.order([acme], { ...looking(0) });
    const ask = (from: string | null, to: string) => deliver(stage, order, acme, { from, to });

    const first = await ask(null, at(2));
    const ahead = await ask(at(4), at(5));
    const partly = await ask(at(1), at(1, 1));
    const over = await ask(at(1), at(3));
    const next = await deliver(stage, order, acme);

    assert.deepEqual(idsOf(first.rows), [1]);
    assert.deepEqual(idsOf(ahead.rows), [4]);
    assert.deepEqual(idsOf(partly.rows), [1]);
    assert.deepEqual(idsOf(over.rows), [1, 2]);
    assert.deepEqual([next.manifest.window.from, idsOf(next.rows)], [at(3), [3, 4, 5, 6]]);
    assert.deepEqual(
      [first, ahead, partly, over, next].map(({ manifest }) => manifest.sequence),
      [1, 2, 3, 4, 5],
    );
  });
});

describe('A delivery with nothing to send', () => {
  for (const format of ['parquet', 'csv', 'jsonl', 'json']) {
    it(`is a manifest alone, of ${format} too`, async () => {
      const source = rowSource(stage, types);
      await source.write([row(1, 1)]);
      const filter = { match: 'all', conditions: [{ column: 'id', operator: 'less', value: 0 }] };
      const order = await source.order([acme], { delivery: { format, filter } });

      const { manifest } = await deliver(stage, order, acme);

      assert.deepEqual([manifest.files, manifest.rows, manifest.bytes], [[], 0, 0]);
    });
  }
});
