import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Run } from '@causeway/contract';
import pg from 'pg';
import {
  type DeliveryStage,
  type Order,
  openDeliveryStage,
  recipientOf,
} from './testing/delivery-stage.ts';
import type { Receiver } from './testing/receiver.ts';
import type { TestWorker } from './testing/test-worker.ts';

let stage: DeliveryStage;
let database: pg.Client;
let acme: Receiver;
let globex: Receiver;
let worker: TestWorker | undefined;
before(async () => {
  stage = await openDeliveryStage();
  database = new pg.Client({ connectionString: stage.configuration.databaseUrl });
  await database.connect();
  [acme, globex] = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
});
after(async () => {
  await database?.end();
  await stage?.close();
});
afterEach(async () => {
  await stage.removeFaults();
  await worker?.stop();
  worker = undefined;
  await stage.dropRetries();
});

const cancel = ({ id }: Run) => stage.call<Run>(`POST /v1/runs/${id}/cancel`);
const retry = ({ id }: Run) => stage.call<Run>(`POST /v1/runs/${id}/retry`, {});
const refusalOf = async (line: string) => JSON.parse((await stage.send(line, {})).text).error.code;
const statesOf = (run: Run) => [acme, globex].map((receiver) => recipientOf(run, receiver).state);

async function newestRun({ delivery }: Order): Promise<Run> {
  const page = await stage.call<Page<Run>>(`GET /v1/runs?deliveryId=${delivery.id}&limit=1`);
  return page.items[0] ?? assert.fail('there is no run');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'it never came to that');
    await sleep(50);
  }
}

describe('A run that is cancelled', () => {
  it('before a worker has touched it ends at once, and the next may be made', async () => {
    const order = await stage.order([acme, globex]);
    const run = await stage.startRun(order);

    const cancelled = await cancel(run);

    assert.equal(cancelled.state, 'cancelled');
    assert.deepEqual(statesOf(cancelled), ['cancelled', 'cancelled']);
    assert.deepEqual(await cancel(run), cancelled);
    const next = await stage.startRun(order);
    worker = await stage.startWorker();
    const ended = await stage.ended(next);
    assert.equal(ended.state, 'succeeded');
    assert.equal((await stage.getRun(run)).state, 'cancelled');
    assert.equal(await refusalOf(`POST /v1/runs/${next.id}/cancel`), 'run_ended');
    assert.equal(await refusalOf(`POST /v1/runs/${run.id}/retry`), 'nothing_to_retry');
  });

  it('while it uploads leaves nothing behind, and who was served stays served', async () => {
    const order = await stage.order([acme, globex]);
    const { bucket } = globex.connection;
    const held = await stage.inject({ operation: 'UploadPart', bucket, effect: { type: 'hold' } });
    const run = await stage.startRun(order);
    worker = await stage.startWorker();
    await held.caught();
    await until(async () => recipientOf(await stage.getRun(run), acme).state === 'delivered');

    const asked = await cancel(run);
    // While its upload is still held: it is not waited for.
    const ended = await stage.ended(run);

    assert.equal(asked.cancelRequest?.by.type, 'api_key');
    assert.equal(ended.state, 'cancelled');
    assert.deepEqual(statesOf(ended), ['delivered', 'cancelled']);
    await held.remove();
    assert.deepEqual(await globex.openUploads(), []);
    assert.deepEqual(await globex.keysOf(order.dataset.name), []);
    await stage.proveDelivered(
      order,
      acme,
      [run].map(() => ended),
    );

    const again = await retry(ended);
    assert.equal(again.retryOf, run.id);
    assert.deepEqual(
      again.recipients.map(({ customerId }) => customerId),
      [globex.customer.id],
    );
    const served = await stage.ended(again);
    await stage.proveDelivered(order, globex, [served]);
    assert.equal(await refusalOf(`POST /v1/runs/${run.id}/retry`), 'nothing_to_retry');
  });

  it('does not wait for a bucket that lets nothing be cleared away', async () => {
    const order = await stage.order([acme]);
    const { bucket } = acme.connection;
    const effect = { type: 'hold' } as const;
    const uploading = await stage.inject({ operation: 'UploadPart', bucket, effect });
    const aborting = await stage.inject({ operation: 'AbortMultipartUpload', bucket, effect });
    const run = await stage.startRun(order);
    worker = await stage.startWorker();
    await uploading.caught();
    await cancel(run);
    await aborting.caught();
    const ended = await stage.ended(run);

    assert.equal(ended.state, 'cancelled');
    assert.ok(worker.events().includes('recipient:interrupted'));
    assert.deepEqual(await acme.keysOf(order.dataset.name), []);
    await stage.removeFaults();
    await acme.abortUploads();
  });

  it('inside its commit is finished, whoever has it in hand by then', async () => {
    const order = await stage.order([acme]);
    const { bucket } = acme.connection;
    const keyIncludes = `_manifests/${order.dataset.name}/`;
    const held = await stage.inject({
      operation: 'PutObject',
      bucket,
      keyIncludes,
      times: 1,
      effect: { type: 'hold' },
    });
    const run = await stage.startRun(order);
    const first = await stage.startWorkerProcess();
    await held.caught();
    await cancel(run);
    await first.kill();
    await held.remove();
    worker = await stage.startWorker();
    const ended = await stage.ended(run);

    assert.equal(ended.state, 'succeeded');
    await stage.proveDelivered(order, acme, [ended]);
  });
});

describe('What failed of a run', () => {
  it('is sent by itself, for the same window, once the customer has mended its side', async () => {
    const order = await stage.order([acme, globex], {
      dataset: { cursorColumn: 'date' },
      delivery: { mode: 'incremental' },
    });
    const giveBack = await globex.lockOut();
    const window = { from: null, to: '2001-01-02T00:00:00.000Z' };
    const run = await stage.startRun(order, window);
    worker = await stage.startWorker();
    const failed = await stage.ended(run);
    assert.deepEqual(statesOf(failed), ['delivered', 'failed']);
    const { retry: planned } = recipientOf(failed, globex);
    assert.equal(planned?.awaits, 'connection');
    const seconds = (Date.parse(planned.at) - Date.parse(failed.completedAt ?? '')) / 1000;
    assert.ok(seconds > 40 && seconds < 75, `${seconds} seconds after the run`);

    // The first minute is over; what is not mended is found so by a check, and not by a run.
    await database.query(
      'update causeway.run_recipients set retry_at = now() where run_id = $1 and retry_at is not null',
      [run.id],
    );
    await until(async () => (await stage.getConnection(globex)).status !== 'active');
    assert.equal((await newestRun(order)).id, run.id);
    await giveBack();
    await stage.call(`POST /v1/connections/${globex.connection.id}/check`, {});
    await until(async () => (await newestRun(order)).id !== run.id);
    const again = await stage.ended(await newestRun(order));

    assert.equal(again.retryOf, run.id);
    assert.equal(again.recipients.length, 1);
    assert.deepEqual(recipientOf(again, globex).window, window);
    await stage.proveDelivered(order, globex, [again], { window });
    assert.equal(recipientOf(await stage.getRun(run), globex).retry, null);
  });

  it('is not sent again when a later run has sent it', async () => {
    const order = await stage.order([acme, globex], {
      dataset: { cursorColumn: 'date' },
      delivery: { mode: 'incremental' },
    });
    const giveBack = await globex.lockOut();
    const run = await stage.startRun(order, { from: null, to: '2001-01-02T00:00:00.000Z' });
    worker = await stage.startWorker();
    const failed = await stage.ended(run);
    await giveBack();
    assert.equal(failed.state, 'partial');
    const next = await stage.ended(await stage.startRun(order));
    assert.equal(recipientOf(next, globex).window.from, null);
    assert.equal(next.state, 'succeeded');

    assert.equal(await refusalOf(`POST /v1/runs/${run.id}/retry`), 'nothing_to_retry');
    assert.equal(recipientOf(await stage.getRun(run), globex).retry, null);
  });

  it('goes to nobody whom the delivery does not go to any more', async () => {
    const order = await stage.order([acme, globex]);
    const run = await cancel(await stage.startRun(order));
    await stage.call(`PATCH /v1/deliveries/${order.delivery.id}`, {
      customerIds: [acme.customer.id],
    });

    const again = await retry(run);

    assert.deepEqual(
      again.recipients.map(({ customerId }) => customerId),
      [acme.customer.id],
    );
    const path = `/v1/deliveries/${order.delivery.id}`;
    await stage.call(`DELETE ${path}`);
    assert.equal((await stage.getRun(again)).state, 'cancelled');
    assert.equal(await refusalOf(`POST /v1/runs/${again.id}/retry`), 'delivery_not_active');
  });
});
