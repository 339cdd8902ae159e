import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { operations } from './answers.ts';
import { choose, seed } from './choose.ts';
import type { Scenarios, Setting } from './setting.ts';

/** Real processes, killed while a request of theirs waits to be carried out, or its answer to be sent. */
export function killedWorkers({ stage, orders, smallFiles, clear }: Setting): Scenarios {
  return () => {
    describe(`A worker's process that gets SIGKILL, seed ${seed}`, () => {
      afterEach(clear);
      const ofSmallFiles = operations.filter((operation) => !operation.includes('Upload'));
      const cases = [...orders, smallFiles].flatMap((shape) =>
        (shape === smallFiles ? ofSmallFiles : operations).flatMap((operation) =>
          (['hold', 'hold_reply'] as const).flatMap((type) => {
            const oncePerCustomer = operation === 'AssumeRole' || operation === 'PutObject';
            const skips = oncePerCustomer && shape.customers === 1 ? [0] : [0, 1];
            return skips.map((skip) => ({ ...shape, operation, type, skip }));
          }),
        ),
      );
      // Each starts a process: `carry-out-runs.test.ts` has more of them.
      for (const { name, order, window, operation, skip, type } of choose('kills', cases, 2)) {
        const moment = `${type === 'hold' ? 'before S3 acts on' : 'before it hears of'} ${operation}`;
        it(`${moment} no. ${skip + 1} is followed by one that delivers once: ${name}`, async () => {
          const own = await stage.again(order);
          const fault = await stage.inject({ operation, skip, times: 1, effect: { type } });
          const run = await stage.startRun(own, window);
          const worker = await stage.startWorkerProcess();
          await fault.holding();
          await worker.kill();
          await fault.remove();
          const next = await stage.startWorker();
          const ended = await stage.ended(run);
          await next.stop();

          const failures = JSON.stringify(ended.recipients.map(({ failure }) => failure));
          assert.deepEqual([ended.state, ended.attempt], ['succeeded', 2], failures);
          await Promise.all(
            own.receivers.map((receiver) => stage.proveExactlyOnce(own, receiver, [ended])),
          );
        });
      }
    });
  };
}
