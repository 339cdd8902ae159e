import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Run } from '@causeway/contract';
import { cancellations } from './cancellations.ts';
import { choose, pick, seed } from './choose.ts';
import type { FaultStage } from './fault-stage.ts';
import { type KnownShape, type NewRun, newRunOf } from './known-shape.ts';
import { type Moment, nameOf, standsStill } from './one-life.ts';
import type { Scenarios, Setting } from './setting.ts';

/** One is stopped at the first, and its follower at the second. */
interface Meeting {
  readonly first: Moment;
  readonly second: Moment;
}

/** Workers that die, or stand still and wake again, at every moment of a run. */
export async function everyMoment(setting: Setting): Promise<Scenarios> {
  const { stage, orders, smallFiles, likeOthers, clear } = setting;
  const known: KnownShape[] = [];
  for (const { name, order, window, follows, pushes } of [...orders, smallFiles, ...likeOthers]) {
    const few = orders.some((each) => each.order === order) ? 4 : 1;
    const shape = { name, order, window, follows, pushes };
    known.push({ ...shape, few, moments: await momentsOf(stage, shape) });
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
      if (likeOthers.some(({ order }) => order === shape.order)) continue;
      describe(`A run that is cancelled, with ${shape.name}, seed ${seed}`, () => {
        afterEach(clear);
        cancellations(stage, shape);
      });
    }
  };
}

/** Found by running it. */
async function momentsOf(
  stage: FaultStage,
  shape: Parameters<typeof newRunOf>[1],
): Promise<readonly Moment[]> {
  const scenario = await newRunOf(stage, shape);
  const life = stage.live(scenario.run);
  await life.ended;
  await proveOneDelivery(stage, scenario);
  return life.moments();
}

async function proveOneDelivery(stage: FaultStage, scenario: NewRun): Promise<void> {
  const {
    order,
    before,
    run: { id },
  } = scenario;
  const run = await stage.getRun({ id } as Run);
  const told = stage.takeEvents().map(({ event, message }) => `${event}: ${message}`);
  assert.equal(run.state, 'succeeded', told.join('; '));
  await Promise.all(
    order.receivers.map((receiver) => stage.proveExactlyOnce(order, receiver, [...before, run])),
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
  for (const moment of choose(`deaths/${shape.name}`, shape.moments, shape.few)) {
    it(`${nameOf(moment)}: the next delivers once`, async () => {
      const scenario = await newRunOf(stage, shape);
      const { run } = scenario;
      const first = stage.live(run, { moment, type: 'death' });
      await first.ended;
      assert.ok(first.hasReached());
      await stage.live(run).ended;

      await proveOneDelivery(stage, scenario);
    });
  }
}

function deathsInARow(stage: FaultStage, shape: KnownShape): void {
  for (const { first, second } of choose(`pairs/${shape.name}`, pairs(shape, 'second'), 1)) {
    it(`${nameOf(first)}, and whose follower dies ${nameOf(second)}`, async () => {
      const scenario = await newRunOf(stage, shape);
      const { run } = scenario;
      await stage.live(run, { moment: first, type: 'death' }).ended;
      await stage.live(run, { moment: second, type: 'death' }).ended;
      await stage.live(run).ended;

      await proveOneDelivery(stage, scenario);
    });
  }
}

function zombies(stage: FaultStage, shape: KnownShape): void {
  for (const moment of choose(`zombies/${shape.name}`, shape.moments, shape.few)) {
    it(`${nameOf(moment)} and wakes after the next has delivered: does no harm`, async () => {
      const scenario = await newRunOf(stage, shape);
      const { run } = scenario;
      const zombie = stage.live(run, { moment, type: 'standstill' });
      await standsStill(zombie);
      await stage.live(run).ended;
      zombie.wake();
      await zombie.ended;

      await proveOneDelivery(stage, scenario);
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
  const hasUploads = shape.moments.some((moment) => nameOf(moment) === nameOf(clearingAway.first));
  for (const { first, second } of [...(hasUploads ? [clearingAway] : []), ...chosen]) {
    it(`${nameOf(first)} and wakes while the next stands still ${nameOf(second)}`, async () => {
      const scenario = await newRunOf(stage, shape);
      const { run } = scenario;
      const zombie = stage.live(run, { moment: first, type: 'standstill' });
      await standsStill(zombie);
      const next = stage.live(run, { moment: second, type: 'standstill' });
      await Promise.race([next.reached, next.ended]);
      zombie.wake();
      await zombie.ended;
      next.wake();
      await next.ended;

      await proveOneDelivery(stage, scenario);
    });
  }
}
