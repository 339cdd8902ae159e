import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recipientOf } from '../../testing/delivery-stage.ts';
import { choose, seed } from './choose.ts';
import type { Scenarios, Setting } from './setting.ts';

const hour = 3600;

/** Far beyond the 15 minutes that S3 and STS forgive, and beyond the life of a session. */
const clocks = [
  { name: 'five hours ahead', aheadSeconds: 5 * hour },
  { name: 'five hours behind', aheadSeconds: -5 * hour },
  { name: 'twenty minutes ahead', aheadSeconds: hour / 3 },
  { name: 'twenty minutes behind', aheadSeconds: -hour / 3 },
] as const;

/** One session, or two, each asked for again to learn the time: never one for each call. */
const mostStsRequests = 6;

/** Workers on hosts whose clocks are off. */
export function wrongClocks({ stage, receivers, orders, clear }: Setting): Scenarios {
  return () => {
    describe(`A worker whose clock is off, seed ${seed}`, () => {
      afterEach(clear);
      const cases = clocks.flatMap((clock) => orders.map((shape) => ({ ...shape, clock })));
      for (const { name, order, clock } of choose('clocks', cases, 1)) {
        it(`by being ${clock.name} delivers once: ${name}`, async () => {
          const own = await stage.again(order);
          const run = await stage.startRun(own);
          const worker = await stage.startWorkerProcess({ clockAheadSeconds: clock.aheadSeconds });
          const ended = await stage.ended(run);
          await worker.kill();

          assert.deepEqual([ended.state, ended.attempt], ['succeeded', 1], JSON.stringify(ended));
          for (const receiver of own.receivers) {
            const { requests } = recipientOf(ended, receiver);
            assert.ok(requests.sts <= mostStsRequests, `${requests.sts} requests to STS`);
            await stage.proveExactlyOnce(own, receiver, [ended]);
          }
        });
      }

      it('has a run to itself, whatever the clock of the next shows', async () => {
        const [receiver] = receivers;
        const shape = orders.find(({ customers }) => customers === 1);
        assert.ok(shape);
        const own = await stage.again(shape.order);
        const held = await stage.inject({
          operation: 'UploadPart',
          times: 1,
          effect: { type: 'hold' },
        });
        const run = await stage.startRun(own);
        const first = await stage.startWorkerProcess({ clockAheadSeconds: -5 * hour });
        await held.holding();
        const second = await stage.startWorkerProcess({ clockAheadSeconds: 5 * hour });
        // It looks for runs twice a second.
        await sleep(1500);
        const { attempt } = await stage.getRun(run);
        await held.remove();
        const ended = await stage.ended(run);
        await Promise.all([first.kill(), second.kill()]);

        assert.equal(attempt, 1);
        assert.deepEqual([ended.state, ended.attempt], ['succeeded', 1]);
        await stage.proveExactlyOnce(own, receiver, [ended]);
      });
    });
  };
}
