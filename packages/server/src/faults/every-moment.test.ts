import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import type { Run } from '@causeway/contract';
import type { Order } from '../testing/delivery-stage.ts';
import { choose, pick, seed } from './testing/choose.ts';
import { type FaultStage, openFaultStage } from './testing/fault-stage.ts';
import { type Moment, nameOf } from './testing/one-life.ts';
import { type Shape, shapes } from './testing/shapes.ts';

// The moments of a run are found by running it, and each is a test of its own.
const stage: FaultStage = await openFaultStage();
after(() => stage.close());
const receivers = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
for (const receiver of receivers) await stage.allowListingUploads(receiver);

interface KnownShape extends Shape {
  readonly order: Order;
  /** All at which a run of this shape may be stopped. */
  readonly moments: readonly Moment[];
}

const known: KnownShape[] = [];
for (const shape of shapes) known.push(await explore(shape));

async function explore(shape: Shape): Promise<KnownShape> {
  const order = await stage.order(receivers.slice(0, shape.customers), shape.change);
  const run = await stage.startRun(order);
  const life = stage.live(run);
  assert.equal((await life.ended).outcome, 'succeeded');
  await proveOneDelivery(order, run);
  return { ...shape, order, moments: life.moments() };
}

async function proveOneDelivery(order: Order, { id }: Run): Promise<void> {
  const run = await stage.getRun({ id } as Run);
  const told = stage.takeEvents().map(({ event, message }) => `${event}: ${message}`);
  assert.equal(run.state, 'succeeded', told.join('; '));
  await Promise.all(
    order.receivers.map((receiver) => stage.proveExactlyOnce(order, receiver, [run])),
  );
}

async function newRun({ order }: KnownShape) {
  const own = await stage.again(order);
  return { order: own, run: await stage.startRun(own) };
}

interface Meeting {
  readonly first: Moment;
  readonly second: Moment;
}

const before = (call: string): Moment => ({ call, nth: 1, when: 'before' });
const later = (call: string): Moment => ({ call, nth: 1, when: 'after' });

/** Uploads that a failed scenario left must not fail the next. */
afterEach(() => Promise.all(receivers.map((receiver) => receiver.abortUploads())));

for (const shape of known) {
  describe(`A worker that dies, with ${shape.name}, seed ${seed}`, () => {
    const moments = choose(`deaths/${shape.name}`, shape.moments, 8);
    for (const moment of moments) {
      it(`${nameOf(moment)}: the next delivers once`, async () => {
        const { order, run } = await newRun(shape);
        const first = stage.live(run, { moment, type: 'death' });
        await first.ended;
        assert.ok(first.hasReached());
        await stage.live(run).ended;

        await proveOneDelivery(order, run);
      });
    }

    const pairs = shape.moments.map((first, index) => {
      const second = pick(`${shape.name}/${index}/second`, shape.moments);
      return { first, second };
    });
    for (const { first, second } of choose(`pairs/${shape.name}`, pairs, 4)) {
      it(`${nameOf(first)}, and whose follower dies ${nameOf(second)}`, async () => {
        const { order, run } = await newRun(shape);
        await stage.live(run, { moment: first, type: 'death' }).ended;
        await stage.live(run, { moment: second, type: 'death' }).ended;
        await stage.live(run).ended;

        await proveOneDelivery(order, run);
      });
    }
  });

  describe(`A worker that stands still, with ${shape.name}, seed ${seed}`, () => {
    for (const moment of choose(`zombies/${shape.name}`, shape.moments, 8)) {
      it(`${nameOf(moment)} and wakes after the next has delivered: does no harm`, async () => {
        const { order, run } = await newRun(shape);
        const zombie = stage.live(run, { moment, type: 'standstill' });
        await zombie.reached;
        await stage.live(run).ended;
        zombie.wake();
        await zombie.ended;

        await proveOneDelivery(order, run);
      });
    }

    const meetings: Meeting[] = shape.moments.map((first, index) => {
      const second = pick(`${shape.name}/${index}/meeting`, shape.moments);
      return { first, second };
    });
    // Whoever meets an upload that was aborted under it clears away: never another's.
    const aborted: Meeting = {
      first: before('bucket.uploadPart'),
      second: later('journal.recordPart'),
    };
    const chosen = choose(`meetings/${shape.name}`, meetings, 3);
    for (const { first, second } of [aborted, ...chosen]) {
      it(`${nameOf(first)} and wakes while the next stands still ${nameOf(second)}`, async () => {
        const { order, run } = await newRun(shape);
        const zombie = stage.live(run, { moment: first, type: 'standstill' });
        await zombie.reached;
        const next = stage.live(run, { moment: second, type: 'standstill' });
        await Promise.race([next.reached, next.ended]);
        zombie.wake();
        await zombie.ended;
        next.wake();
        await next.ended;

        await proveOneDelivery(order, run);
      });
    }
  });
}
