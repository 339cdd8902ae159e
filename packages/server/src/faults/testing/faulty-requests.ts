import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type Order, recipientOf } from '../../testing/delivery-stage.ts';
import { type FaultyAnswer, faultyAnswers } from './answers.ts';
import { choose, seed } from './choose.ts';
import type { Scenarios, Setting } from './setting.ts';

/** Answers of AWS that are lost, cut, wrong or refusals, to every request of a run. */
export async function faultyRequests({
  stage,
  receivers: [receiver],
  orders: [, several],
  smallFiles: { window, change },
  clear,
}: Setting): Promise<Scenarios> {
  assert.ok(several);
  const order = await stage.order([receiver]);
  const ofSmallFile = await stage.order([receiver], change);
  const orderFor = ({ files }: FaultyAnswer) =>
    stage.again({ small: ofSmallFile, several: several.order, large: order }[files ?? 'large']);
  const startRun = (own: Order, { files }: FaultyAnswer) =>
    stage.startRun(own, files === 'small' ? window : undefined);
  // What the query gives is known from here on.
  await stage.live(await stage.startRun(order)).ended;
  await stage.live(await stage.startRun(ofSmallFile, window)).ended;

  return () => {
    describe(`A run whose answers go wrong, seed ${seed}`, () => {
      afterEach(clear);
      const survived = faultyAnswers.filter(({ failure }) => failure === null);
      for (const answer of choose('answers', survived, 12)) {
        it(`delivers once when ${answer.name}`, async () => {
          const own = await orderFor(answer);
          const injected = await Promise.all(answer.faults.map((fault) => stage.inject(fault)));
          const run = await startRun(own, answer);
          await stage.live(run).ended;
          const caught = await Promise.all(injected.map((fault) => fault.remove()));
          const ended = await stage.getRun(run);

          assert.ok(!caught.includes(0), `each fault catches a request: ${caught}`);
          assert.deepEqual([ended.state, ended.attempt], ['succeeded', 1]);
          await stage.proveExactlyOnce(own, receiver, [ended]);
        });
      }

      const refused = faultyAnswers.filter(({ failure }) => failure !== null);
      for (const answer of choose('refusals', refused, 3)) {
        it(`says whose turn it is when ${answer.name}, and a later run delivers once`, async () => {
          const own = await orderFor(answer);
          for (const fault of answer.faults) await stage.inject(fault);
          const run = await startRun(own, answer);
          await stage.live(run).ended;
          await stage.removeFaults();
          const failed = recipientOf(await stage.getRun(run), receiver);
          // What could not be aborted when it failed is the customer's to see, and its rule's to end.
          await receiver.abortUploads();

          assert.equal(failed.state, 'failed');
          assert.deepEqual(
            { code: failed.failure?.code, side: failed.failure?.side },
            answer.failure,
          );
          assert.match(failed.failure?.hint ?? '', /\w/);
          assert.deepEqual(await receiver.keysOf(own.dataset.name), []);
          const next = await startRun(own, answer);
          await stage.live(next).ended;
          await stage.proveExactlyOnce(own, receiver, [await stage.getRun(next)]);
        });
      }
    });
  };
}
