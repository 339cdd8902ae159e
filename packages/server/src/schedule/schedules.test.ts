import assert from 'node:assert/strict';
import { stat, utimes } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Delivery,
  type Event,
  type Page,
  type Run,
  randomDigits,
  type Source,
} from '@causeway/contract';
import pg from 'pg';
import type { Watch } from '../keep-looking.ts';
import { type DeliveryStage, openDeliveryStage } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { watchDeliveries } from './watch-deliveries.ts';

let stage: DeliveryStage;
let database: pg.Client;
let acme: Receiver;
let globex: Receiver;
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
const watches: Watch[] = [];
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.stop()));
});

const hourly = { type: 'interval', everyMinutes: 60 };

async function ordered(delivery: object): Promise<Delivery> {
  return (await stage.order([acme, globex], { delivery })).delivery;
}

const get = ({ id }: Delivery) => stage.call<Delivery>(`GET /v1/deliveries/${id}`);
const runsOf = async ({ id }: Delivery) =>
  (await stage.call<Page<Run>>(`GET /v1/runs?deliveryId=${id}`)).items;
const eventsOf = async ({ id }: Delivery) => {
  const page = await stage.call<Page<Event>>(`GET /v1/events?deliveryId=${id}&limit=100`);
  return page.items.filter(({ type }) => type === 'delivery.not_run').map(({ cause }) => cause);
};

/** What every worker does beside its runs, twice: as if there were two workers. */
async function seenTo(delivery: Delivery): Promise<Delivery> {
  const version = async (source: Source) =>
    source.type === 'file' ? (await stat(source.path)).mtime.toISOString() : null;
  const { store } = stage;
  watches.push(
    ...[1, 2].map(() => watchDeliveries({ store, sources: { version }, log: () => {} })),
  );
  const deadline = performance.now() + 30_000;
  for (;;) {
    const now = await get(delivery);
    if (Date.parse(now.nextRunAt ?? '') > Date.now()) break;
    assert.ok(performance.now() < deadline, 'nobody sees to it');
    await sleep(20);
  }
  await Promise.all(watches.splice(0).map((watch) => watch.stop()));
  return get(delivery);
}

/** As if it were due for so long. */
const overdue = ({ id }: Delivery, interval: string) =>
  database.query(
    'update causeway.deliveries set next_run_at = clock_timestamp() - $2::interval where id = $1',
    [id, interval],
  );

/** As if a worker had done its part. */
async function end({ id }: Run): Promise<void> {
  await database.query(`update causeway.run_recipients set state = 'unchanged' where run_id = $1`, [
    id,
  ]);
  await database.query(`update causeway.runs set state = 'succeeded' where id = $1`, [id]);
}

describe('A delivery with an interval', () => {
  it('is begun once when it is due, however many workers there are', async () => {
    const delivery = await ordered({ schedule: hourly });

    const after = await seenTo(delivery);

    const runs = await runsOf(delivery);
    assert.equal(runs.length, 1);
    assert.equal(runs[0]?.recipients.length, 2);
    assert.equal(
      Date.parse(after.nextRunAt ?? ''),
      Date.parse(delivery.nextRunAt ?? '') + 3_600_000,
    );
  });

  it('catches up with one run what was missed for days', async () => {
    const delivery = await ordered({ schedule: hourly });
    await seenTo(delivery);
    for (const run of await runsOf(delivery)) await end(run);
    await overdue(delivery, '5 days');

    const after = await seenTo(delivery);

    assert.equal((await runsOf(delivery)).length, 2);
    const minutes = (Date.parse(after.nextRunAt ?? '') - Date.now()) / 60_000;
    assert.ok(minutes > 0 && minutes <= 60, `next in ${minutes} minutes`);
  });

  it('tells once why nothing is begun while a run is at work, and goes on afterwards', async () => {
    const delivery = await ordered({ schedule: hourly });
    await seenTo(delivery);
    for (let i = 0; i < 2; i++) {
      await overdue(delivery, '1 second');
      await seenTo(delivery);
    }

    assert.deepEqual(await eventsOf(delivery), ['run_in_progress']);
    const [run] = await runsOf(delivery);
    assert.ok(run);
    await end(run);
    await overdue(delivery, '1 second');
    await seenTo(delivery);
    assert.equal((await runsOf(delivery)).length, 2);
    assert.deepEqual(await eventsOf(delivery), ['run_in_progress']);
  });

  it('begins nothing while it is paused, counts anew when it is resumed, and ends for good', async () => {
    const delivery = await ordered({ schedule: hourly });
    const path = `/v1/deliveries/${delivery.id}`;
    const paused = await stage.call<Delivery>(`POST ${path}/pause`);
    assert.deepEqual([paused.status, paused.nextRunAt], ['paused', null]);
    assert.equal(await stage.store.dueDeliveries.take(), null);
    const asked = await stage.send(`POST ${path}/runs`, {});
    assert.equal(JSON.parse(asked.text).error.code, 'delivery_not_active');

    const resumed = await stage.call<Delivery>(`POST ${path}/resume`);
    assert.equal(resumed.status, 'active');
    await seenTo(delivery);
    assert.equal((await runsOf(delivery)).length, 1);

    const ended = await stage.call<Delivery>(`DELETE ${path}`);
    assert.equal(ended.status, 'archived');
    const listed = async (query: string) =>
      (await stage.call<Page<Delivery>>(`GET /v1/deliveries${query}`)).items.map(({ id }) => id);
    assert.ok(!(await listed('')).includes(delivery.id));
    assert.ok((await listed('?archived=true')).includes(delivery.id));
    const again = await stage.send(`POST ${path}/resume`);
    assert.equal(JSON.parse(again.text).error.code, 'delivery_not_active');
  });

  it('is not begun for a time that was changed while a worker had it in hand', async () => {
    const delivery = await ordered({ schedule: hourly });
    const due = await stage.store.dueDeliveries.take();
    assert.equal(due?.delivery.id, delivery.id);
    const schedule = { type: 'cron', expression: '0 6 * * *', timeZone: 'Europe/Berlin' };
    const changed = await stage.call<Delivery>(`PATCH /v1/deliveries/${delivery.id}`, {
      schedule,
      name: 'Mornings',
    });

    const trouble = { nextDue: new Date(Date.now() + 1000) };
    assert.equal(await stage.store.dueDeliveries.settle(due, trouble), null);

    const after = await get(delivery);
    assert.deepEqual([after.name, after.schedule], ['Mornings', { ...schedule, jitterSeconds: 0 }]);
    assert.equal(after.nextRunAt, changed.nextRunAt);
    assert.equal(after.mode, delivery.mode);
    assert.match(changed.nextRunAt ?? '', /T0[45]:00:00.000Z$/);
  });
});

describe('A delivery on change', () => {
  it('is begun when the source has changed, and at no other look', async () => {
    const order = await stage.order([acme], { delivery: { schedule: { type: 'on_change' } } });
    const { delivery, sourcePath } = order;
    await seenTo(delivery);
    const [first] = await runsOf(delivery);
    assert.ok(first);
    await end(first);
    await overdue(delivery, '1 second');
    await seenTo(delivery);
    assert.equal((await runsOf(delivery)).length, 1);

    await utimes(sourcePath, new Date(), new Date());
    await stage.store.dueDeliveries.announceChange(delivery.datasetId);
    await seenTo(delivery);

    assert.equal((await runsOf(delivery)).length, 2);
  });

  it('comes back to a change as long as somebody was left out of its run', async () => {
    const delivery = await ordered({ schedule: { type: 'on_change' } });
    await database.query(`update causeway.deliveries set next_run_at = null where id = $1`, [
      delivery.id,
    ]);
    const { id } = await stage.store.runs.create({
      deliveryId: delivery.id,
      terms: delivery,
      now: new Date(),
      customerIds: [acme.customer.id],
      planWindow: () => ({ from: null, to: '2020-01-01T00:00:00.000Z' }),
    });
    await overdue(delivery, '1 second');
    await seenTo(delivery);
    const [run] = await runsOf(delivery);
    assert.deepEqual(run?.leftOut, [acme.customer.id]);
    assert.ok(run);
    await end(run);
    await end({ ...run, id });
    await overdue(delivery, '1 second');
    await seenTo(delivery);

    const runs = await runsOf(delivery);
    assert.equal(runs.length, 3);
    assert.deepEqual(runs[0]?.leftOut, []);
  });
});

describe('A delivery by rule', () => {
  it('goes to whom the rule fits when a run is made, and waits while it fits nobody', async () => {
    const tag = randomDigits(8);
    const delivery = await ordered({
      customerIds: undefined,
      customerRule: { properties: { tag } },
      schedule: hourly,
    });
    assert.deepEqual(delivery.customerIds, []);
    await seenTo(delivery);
    assert.deepEqual(await runsOf(delivery), []);
    assert.deepEqual(await eventsOf(delivery), ['no_recipients']);

    const path = `/v1/customers/${globex.customer.id}`;
    await stage.call(`PATCH ${path}`, { properties: { tag } });
    await overdue(delivery, '1 second');
    await seenTo(delivery);

    const [run] = await runsOf(delivery);
    assert.deepEqual(
      run?.recipients.map(({ customerId }) => customerId),
      [globex.customer.id],
    );
  });

  it('takes a list in place of the rule, and refuses both and neither', async () => {
    const delivery = await ordered({ customerIds: undefined, customerRule: {} });
    const path = `/v1/deliveries/${delivery.id}`;
    const listed = await stage.call<Delivery>(`PATCH ${path}`, {
      customerIds: [acme.customer.id],
    });
    assert.deepEqual([listed.customerRule, listed.customerIds], [null, [acme.customer.id]]);
    const issueOf = async (line: string, body: object) => {
      const { text } = await stage.send(line, body);
      return JSON.parse(text).error.details.issues[0].path;
    };
    const { datasetId } = delivery;
    const both = { customerIds: [acme.customer.id], customerRule: {} };
    const post = (body: object) =>
      issueOf('POST /v1/deliveries', { name: 'x', datasetId, ...body });
    assert.equal(await post(both), 'customerRule');
    assert.equal(await post({}), 'customerIds');
    assert.equal(await post({ customerRule: { match: 'any' } }), 'customerRule.properties');
    const cron = (expression: string, timeZone = 'UTC') => ({ type: 'cron', expression, timeZone });
    const { customerIds } = both;
    assert.equal(await post({ customerIds, schedule: cron('0 0 31 2 *') }), 'schedule.expression');
    assert.equal(
      await post({ customerIds, schedule: cron('0 6 * * *', 'X') }),
      'schedule.timeZone',
    );
    assert.equal(await issueOf(`PATCH ${path}`, both), 'customerRule');
  });
});
