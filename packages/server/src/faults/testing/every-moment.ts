import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Run } from '@causeway/contract';
import type { Order } from '../../testing/delivery-stage.ts';
import { cancellations } from './cancellations.ts';
import { choose, pick, seed } from './choose.ts';
import type { FaultStage } from './fault-stage.ts';
import { type KnownShape, newRunOf } from './known-shape.ts';
import { type Moment, nameOf, standsStill } from './one-life.ts';
import type { Scenarios, Setting } from './setting.ts';

/** One is stopped at the first, and its follower at the second. */
interface Meeting {
  readonly first: Moment;
  readonly second: Moment;
}

/** Workers that die, or stand still and wake again, at every moment of a run. */
export async function everyMoment({ stage, orders, clear }: Setting): Promise<Scenarios> {
  const known: KnownShape[] = [];
  for (const { name, order } of orders) {
    known.push({ name, order, moments: await momentsOf(stage, order) });
  }
  return () => {
    for (const shape of known) {
      describe(`A worker that dies, with ${shape.name}, seed ${seed}`, () => {
        afterEach(clear);
        deaths(stage, shape);
        deathsInARow(stage, shape);
      });
      describe(`A worker that stands still, with ${shape.name}, seed ${seed}`, () => {
        afterEach(clear);
        zombies(stage, shape);
        meetings(stage, shape);
      });
      describe(`A run that is cancelled, with ${shape.name}, seed ${seed}`, () => {
        afterEach(clear);
        cancellations(stage, shape);
      });
    }
  };
}

/** Found by running it. */
async function momentsOf(stage: FaultStage, order: Order): Promise<readonly Moment[]> {
  const run = await stage.startRun(order);
  const life = stage.live(run);
  await life.ended;
  await proveOneDelivery(stage, order, run);
  return life.moments();
}

async function proveOneDelivery(stage: FaultStage, order: Order, { id }: Run): Promise<void> {
  const run = await stage.getRun({ id } as Run);
  const told = stage.takeEvents().map(({ event, message }) => `${event}: ${message}`);
  assert.equal(run.state, 'succeeded', told.join('; '));
  await Promise.all(
    order.receivers.map((receiver) => stage.proveExactlyOnce(order, receiver, [run])),
  );
}

/** Each moment, with another that follows from the seed. */
function pairs({ name, moments }: KnownShape, kind: string): readonly Meeting[] {
  return moments.map((first, index) => ({
    first,
    second: pick(`${kind}/${name}/${index}`, moments),
  }));
}

function deaths(stage: FaultStage, shape: KnownShape): void {
  for (const moment of choose(`deaths/${shape.name}`, shape.moments, 4)) {
    it(`${nameOf(moment)}: the next delivers once`, async () => {
      const { order, run } = await newRunOf(stage, shape);
      const first = stage.live(run, { moment, type: 'death' });
      await first.ended;
      assert.ok(first.hasReached());
      await stage.live(run).ended;

      await proveOneDelivery(stage, order, run);
    });
  }
}

function deathsInARow(stage: FaultStage, shape: KnownShape): void {
  for (const { first, second } of choose(`pairs/${shape.name}`, pairs(shape, 'second'), 1)) {
    it(`${nameOf(first)}, and whose follower dies ${nameOf(second)}`, async () => {
      const { order, run } = await newRunOf(stage, shape);
      await stage.live(run, { moment: first, type: 'death' }).ended;
      await stage.live(run, { moment: second, type: 'death' }).ended;
      await stage.live(run).ended;

      await proveOneDelivery(stage, order, run);
    });
  }
}

function zombies(stage: FaultStage, shape: KnownShape): void {
  for (const moment of choose(`zombies/${shape.name}`, shape.moments, 4)) {
    it(`${nameOf(moment)} and wakes after the next has delivered: does no harm`, async () => {
      const { order, run } = await newRunOf(stage, shape);
      const zombie = stage.live(run, { moment, type: 'standstill' });
      await standsStill(zombie);
      await stage.live(run).ended;
      zombie.wake();
      await zombie.ended;

      await proveOneDelivery(stage, order, run);
    });
  }
}

/** Whoever meets an upload that was aborted under it clears away: never another's. */
const clearingAway: Meeting = {
  first: { call: 'bucket.uploadPart', nth: 1, when: 'before' },
  second: { call: 'journal.recordPart', nth: 1, when: 'after' },
};

function meetings(stage: FaultStage, shape: KnownShape): void {
  const chosen = choose(`meetings/${shape.name}`, pairs(shape, 'meeting'), 1);
  for (const { first, second } of [clearingAway, ...chosen]) {
    it(`${nameOf(first)} and wakes while the next stands still ${nameOf(second)}`, async () => {
      const { order, run } = await newRunOf(stage, shape);
      const zombie = stage.live(run, { moment: first, type: 'standstill' });
      await standsStill(zombie);
      const next = stage.live(run, { moment: second, type: 'standstill' });
      await Promise.race([next.reached, next.ended]);
      zombie.wake();
      await zombie.ended;
      next.wake();
      await next.ended;

      await proveOneDelivery(stage, order, run);
    });
  }
}
