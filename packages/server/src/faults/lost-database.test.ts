import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { choose, seed } from './testing/choose.ts';
import { openFaultStage } from './testing/fault-stage.ts';
import { openPostgresCut } from './testing/postgres-cut.ts';

// How often a run commits is found by running one, and each commit is a test of its own.
const stage = await openFaultStage();
const cut = await openPostgresCut(stage.configuration.databaseUrl);
const workers = await stage.workers({ databaseUrl: cut.databaseUrl });
after(async () => {
  await workers.close();
  await cut.close();
  await stage.close();
});
const receiver = await stage.connect('SFO');
await stage.allowListingUploads(receiver);
const order = await stage.order([receiver]);

const commits = await countCommits();
const cuts = Array.from({ length: commits }, (_, index) => index + 1).flatMap((nth) => [
  { nth, when: 'before' as const },
  { nth, when: 'after' as const },
]);

async function countCommits(): Promise<number> {
  const run = await stage.startRun(order);
  cut.cutAt(0, 'before');
  assert.equal((await workers.live(run).ended).outcome, 'succeeded');
  return cut.commits();
}

describe(`A run whose connection to the database is lost, seed ${seed}`, () => {
  for (const { nth, when } of choose('cuts', cuts, 8)) {
    it(`${when} commit no. ${nth}: is left to the next, has failed for nobody, and delivers once`, async () => {
      const own = await stage.again(order);
      const run = await stage.startRun(own);
      stage.takeEvents();
      cut.cutAt(nth, when);
      await workers.live(run).ended;
      assert.ok(cut.wasCut());
      await stage.live(run).ended;
      const ended = await stage.getRun(run);

      const told = stage.takeEvents().map(({ event, message }) => `${event}: ${message}`);
      assert.equal(ended.state, 'succeeded', told.join('; '));
      await stage.proveExactlyOnce(own, receiver, [ended]);
    });
  }
});
