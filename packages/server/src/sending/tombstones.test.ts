import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DeliveryStage, openDeliveryStage } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { deliver, rowSource, verified } from '../testing/row-source.ts';

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
  deleted: 'BOOLEAN',
} as const;
const row = (id: number, day: number, deleted: boolean | null, customer = 'ACME') => ({
  id,
  customer,
  updated: `2026-01-0${day}T00:00:00`,
  deleted,
});
const marked = { primaryKey: ['id'], deletedColumn: 'deleted' };
const idsOf = (rows: readonly { readonly id?: unknown }[]) => rows.map(({ id }) => id).toSorted();

describe('Rows that were deleted', () => {
  it('leave the files, and a file of tombstones names their keys to the customer they were for', async () => {
    const source = rowSource(stage, types);
    await source.write([
      row(1, 1, false),
      row(2, 1, true),
      row(3, 1, null),
      row(4, 1, true, 'GLOBEX'),
    ]);
    const order = await source.order([acme, globex], {
      dataset: { ...marked, customerColumn: 'customer' },
    });

    const { run, manifest, rows, tombstones } = await deliver(stage, order, acme);

    assert.deepEqual(idsOf(rows), [1, 3]);
    assert.deepEqual(tombstones, [{ id: 2 }]);
    assert.equal(manifest.rows, 2);
    const [file] = manifest.tombstones;
    const day = manifest.startedAt.slice(0, 10);
    assert.equal(
      file?.key,
      `causeway/_manifests/${order.dataset.name}/dt=${day}/tombstones_${run.id}_00000.jsonl`,
    );
    const found = await verified(stage, acme, run);
    assert.equal(found['files'], 'passed: 2 of 2 files');
    assert.equal(found['rows'], 'passed: 2 rows');
    assert.equal(found['stray_files'], 'passed: no stray files');
    const others = await verified(stage, globex, run);
    assert.equal(others['rows'], 'passed: 0 rows');
  });

  it('are told of within the window in which they were deleted, by time as by boolean', async () => {
    const source = rowSource(stage, { ...types, deleted: 'TIMESTAMP' });
    const at = (id: number, day: number, deleted: number | null) => ({
      ...row(id, day, null),
      deleted: deleted === null ? null : `2026-01-0${deleted}T00:00:00`,
    });
    await source.write([at(1, 1, null), at(2, 1, 1), at(3, 2, 2), at(4, 2, null)]);
    const order = await source.order([acme], {
      dataset: { ...marked, cursorColumn: 'updated' },
      delivery: { mode: 'incremental', format: 'jsonl', compression: 'gzip' },
    });
    const first = await deliver(stage, order, acme, { from: null, to: '2026-01-02T00:00:00Z' });
    const second = await deliver(stage, order, acme);

    assert.deepEqual([first.rows.length, first.tombstones], [1, [{ id: 2 }]]);
    assert.deepEqual([idsOf(second.rows), second.tombstones], [[4], [{ id: 3 }]]);
  });

  it('are none of those that the filter leaves out', async () => {
    const source = rowSource(stage, types);
    await source.write([row(1, 1, true), row(2, 1, true)]);
    const condition = { column: 'id', operator: 'less', value: 2 };
    const order = await source.order([acme], {
      dataset: marked,
      delivery: { filter: { match: 'all', conditions: [condition] } },
    });

    const { manifest, tombstones } = await deliver(stage, order, acme);

    assert.deepEqual([manifest.files, tombstones], [[], [{ id: 1 }]]);
  });

  it('need a primary key, a column that tells of them plainly, and keys that are sent', async () => {
    const source = rowSource(stage, { ...types, gone: 'VARCHAR' });
    await source.write([{ ...row(1, 1, false), gone: 'false' }]);
    const refusal = async (dataset: object, delivery: object = {}) => {
      const error = await source.order([acme], { dataset, delivery }).then(
        () => assert.fail('it was taken'),
        (reason: Error) => reason,
      );
      return error.message;
    };

    assert.match(await refusal({ deletedColumn: 'deleted' }), /needs a \\?"primaryKey/);
    assert.match(
      await refusal({ ...marked, deletedColumn: 'gone' }),
      /must be a boolean or a time/,
    );
    assert.match(await refusal({ ...marked, deletedColumn: 'id' }), /part of the primary key/);
    assert.match(await refusal({ ...marked, deletedColumn: 'no' }), /column_not_found/);
    assert.match(await refusal(marked, { columns: ['customer'] }), /tombstones name deleted rows/);
  });
});
