import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { operations } from './testing/answers.ts';
import { choose, seed } from './testing/choose.ts';
import { openFaultStage } from './testing/fault-stage.ts';
import { shapes } from './testing/shapes.ts';

const stage = await openFaultStage();
after(() => stage.close());
const receivers = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
for (const receiver of receivers) await stage.allowListingUploads(receiver);
const known = await Promise.all(
  shapes.map(async (shape) => ({
    ...shape,
    order: await stage.order(receivers.slice(0, shape.customers), shape.change),
  })),
);

afterEach(async () => {
  await stage.removeFaults();
  await Promise.all(receivers.map((receiver) => receiver.abortUploads()));
});

describe(`A worker's process that gets SIGKILL, seed ${seed}`, () => {
  const cases = known.flatMap((shape) =>
    operations.flatMap((operation) =>
      (['hold', 'hold_reply'] as const).flatMap((type) => {
        const oncePerCustomer = operation === 'AssumeRole' || operation === 'PutObject';
        const skips = oncePerCustomer && shape.customers === 1 ? [0] : [0, 1];
        return skips.map((skip) => ({ ...shape, operation, type, skip }));
      }),
    ),
  );
  // Each starts two processes: `carry-out-runs.test.ts` has more of them.
  for (const { name, order, operation, skip, type } of choose('kills', cases, 2)) {
    const moment = `${type === 'hold' ? 'before S3 acts on' : 'before it hears of'} ${operation}`;
    it(`${moment} no. ${skip + 1} is followed by one that delivers once: ${name}`, async () => {
      const own = await stage.again(order);
      const fault = await stage.inject({ operation, skip, times: 1, effect: { type } });
      const run = await stage.startRun(own);
      const worker = await stage.startWorker();
      await fault.holding();
      await worker.kill();
      await fault.remove();
      const next = await stage.startWorker();
      const ended = await stage.ended(run);
      await next.kill();

      assert.deepEqual([ended.state, ended.attempt], ['succeeded', 2]);
      await Promise.all(
        own.receivers.map((receiver) => stage.proveExactlyOnce(own, receiver, [ended])),
      );
    });
  }
});
