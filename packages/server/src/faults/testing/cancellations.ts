import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Run } from '@causeway/contract';
import { type Order, recipientOf } from '../../testing/delivery-stage.ts';
import type { Receiver } from '../../testing/receiver.ts';
import { choose } from './choose.ts';
import type { FaultStage } from './fault-stage.ts';
import { type KnownShape, newRunOf } from './known-shape.ts';
import { type Moment, nameOf, type OneLife, standsStill } from './one-life.ts';

/** How the worker that has the run in hand comes to know, or does not. */
interface Way {
  readonly name: string;
  readonly fate: 'death' | 'standstill';
  /** What happens from the request on until the worker is gone. */
  readonly meet: (life: OneLife) => Promise<unknown>;
}

const ways: readonly Way[] = [
  {
    name: 'and whose worker dies',
    fate: 'death',
    meet: (life) => life.ended,
  },
  {
    name: 'and whose worker hears of it',
    fate: 'standstill',
    async meet(life) {
      await life.hasHeard;
      life.wake();
      return life.ended;
    },
  },
];

/** Before it is taken up, nobody hears; once it has ended, nothing is left to cancel. */
const canBeMet = ({ call, when }: Moment) =>
  call !== 'journal.takeRun' && (call !== 'journal.finishRun' || when === 'before');

/**
 * Runs that are cancelled at every moment: each customer sees one delivery, or nothing at all;
 * and a run that does again what was cancelled serves those that saw nothing.
 */
export function cancellations(stage: FaultStage, shape: KnownShape): void {
  const moments = shape.moments.filter(canBeMet);
  for (const { name, fate, meet } of ways) {
    for (const moment of choose(`cancelled ${name}/${shape.name}`, moments, 1)) {
      it(`${nameOf(moment)}, ${name}: is seen whole or not at all`, async () => {
        const { order, run } = await newRunOf(stage, shape);
        const life = stage.live(run, { moment, type: fate });
        await standsStill(life);
        await stage.store.runs.cancel(run.id);
        await meet(life);
        // Whoever comes next ends what this one has left.
        await stage.live(run).ended;
        const ended = await stage.getRun(run);
        const missed = await proveWholeOrNothing(stage, order, ended);

        assert.equal(ended.state, missed.length > 0 ? 'cancelled' : 'succeeded');
        if (missed.length > 0) await proveServedByRetry(stage, order, ended, missed);
      });
    }
  }
}

/** Returns those who saw nothing. */
async function proveWholeOrNothing(
  stage: FaultStage,
  order: Order,
  run: Run,
): Promise<readonly Receiver[]> {
  const missed: Receiver[] = [];
  for (const receiver of order.receivers) {
    const { state, sequence } = recipientOf(run, receiver);
    if (state === 'delivered') {
      await stage.proveExactlyOnce(order, receiver, [run]);
      continue;
    }
    assert.deepEqual([state, sequence], ['cancelled', null]);
    assert.deepEqual(await receiver.keysOf(order.dataset.name), []);
    assert.deepEqual(await receiver.openUploads(), [], 'uploads that were left behind');
    missed.push(receiver);
  }
  return missed;
}

async function proveServedByRetry(
  stage: FaultStage,
  order: Order,
  cancelled: Run,
  missed: readonly Receiver[],
): Promise<void> {
  const retry = await stage.call<Run>(`POST /v1/runs/${cancelled.id}/retry`, {});
  await stage.live(retry).ended;
  const ended = await stage.getRun(retry);
  assert.deepEqual(
    ended.recipients.map(({ customerId }) => customerId),
    missed.map(({ customer }) => customer.id),
  );
  for (const receiver of missed) await stage.proveExactlyOnce(order, receiver, [ended]);
}
