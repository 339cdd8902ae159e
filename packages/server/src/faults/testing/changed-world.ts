import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recipientOf } from '../../testing/delivery-stage.ts';
import { choose, seed } from './choose.ts';
import type { Moment } from './one-life.ts';
import type { Scenarios, Setting } from './setting.ts';
import { worldChanges } from './world-changes.ts';

const before = (call: string): Moment => ({ call: `bucket.${call}`, nth: 1, when: 'before' });
const moments = ['createMultipartUpload', 'uploadPart', 'completeMultipartUpload'].map(before);
/** All rows of which are a small file. */
const window = { from: null, to: '2001-01-01T01:00:00Z' };

/** Buckets that go, move or change hands, and rights that are taken away, in the middle of a run. */
export async function changedWorld({
  stage,
  receivers: [receiver],
  smallFiles,
}: Setting): Promise<Scenarios> {
  const changes = worldChanges(stage.configuration.aws.endpoint ?? '');
  // Everybody gets all rows, so that the query is asked once for all.
  const first = await stage.order([receiver], { dataset: { customerColumn: null } });
  const { change } = smallFiles;
  const dataset = { ...change.dataset, customerColumn: null };
  const ofSmallFile = await stage.order([receiver], { ...change, dataset });
  let customers = 0;
  const newOrder = async (like = first) => {
    const own = await stage.connect(`changed-${++customers}`);
    return { receiver: own, order: await stage.againFor(like, own.customer) };
  };

  return () => {
    describe(`A run in whose middle the world changes, seed ${seed}`, () => {
      const cases = changes.flatMap((change) => [
        ...moments.map((moment) => ({ change, moment, like: first, window: undefined })),
        { change, moment: before('putObject'), like: ofSmallFile, window },
      ]);
      for (const { change, moment, like, window } of choose('changes', cases, 3)) {
        it(`says so when ${change.name} before ${moment.call}, and a later run delivers once`, async () => {
          const { receiver, order } = await newOrder(like);
          const run = await stage.startRun(order, window);
          const life = stage.live(run, { moment, type: 'standstill' });
          await life.reached;
          const mend = await change.happen(receiver);
          life.wake();
          await life.ended;
          const { state, sequence, failure } = recipientOf(await stage.getRun(run), receiver);

          assert.deepEqual([state, sequence], ['failed', null], JSON.stringify(failure));
          const { code, cause, side } = change;
          assert.deepEqual([failure?.code, failure?.cause, failure?.side], [code, cause, side]);
          assert.match(failure?.hint ?? '', /\w/);
          await mend();
          await receiver.abortUploads();
          assert.deepEqual(await receiver.keysOf(order.dataset.name), []);
          const next = await stage.startRun(order, window);
          await stage.live(next).ended;
          await stage.proveExactlyOnce(order, receiver, [await stage.getRun(next)]);
        });
      }

      it('goes on where it was when rights are lost before its manifest is sent and come back', async () => {
        const { receiver, order } = await newOrder();
        const run = await stage.startRun(order);
        const life = stage.live(run, { moment: before('putObject'), type: 'standstill' });
        await life.reached;
        const giveBack = await receiver.lockOut();
        life.wake();
        const { outcome } = await life.ended;
        await giveBack();

        // Its number may have been seen: nobody else may get it.
        assert.equal(outcome, 'released');
        await stage.live(run).ended;
        await stage.proveExactlyOnce(order, receiver, [await stage.getRun(run)]);
      });
    });
  };
}
