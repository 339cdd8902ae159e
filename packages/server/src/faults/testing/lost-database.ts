import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { choose, seed } from './choose.ts';
import { openPostgresCut } from './postgres-cut.ts';
import type { Scenarios, Setting } from './setting.ts';

/** Connections to the database that are lost right before or after every commit of a run. */
export async function lostDatabase({
  stage,
  receivers: [receiver],
  clear,
}: Setting): Promise<Scenarios> {
  const cut = await openPostgresCut(stage.configuration.databaseUrl);
  const workers = await stage.workers({ databaseUrl: cut.databaseUrl });
  const order = await stage.order([receiver]);
  // How often a run commits is found by running one.
  const first = await stage.startRun(order);
  cut.cutAt(0, 'before');
  assert.equal((await workers.live(first).ended).outcome, 'succeeded');
  const cuts = Array.from({ length: cut.commits() }, (_, index) => index + 1).flatMap((nth) => [
    { nth, when: 'before' as const },
    { nth, when: 'after' as const },
  ]);

  return () => {
    describe(`A run whose connection to the database is lost, seed ${seed}`, () => {
      afterEach(clear);
      after(async () => {
        await workers.close();
        await cut.close();
      });
      for (const { nth, when } of choose('cuts', cuts, 4)) {
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
  };
}
