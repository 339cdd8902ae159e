/**
 * The seeded fault suite: whatever happens to a run, each customer sees one delivery, equal
 * to the source, and nothing else (docs/exactly-once.md). `npm run faults` tries all
 * scenarios, `npm test` some that follow from the seed.
 */
import { after } from 'node:test';
import { changedWorld } from './testing/changed-world.ts';
import { everyMoment } from './testing/every-moment.ts';
import { openFaultStage } from './testing/fault-stage.ts';
import { faultyRequests } from './testing/faulty-requests.ts';
import { killedWorkers } from './testing/killed-workers.ts';
import { lostDatabase } from './testing/lost-database.ts';
import { openSetting } from './testing/setting.ts';
import { weakerStore } from './testing/weaker-store.ts';
import { wrongClocks } from './testing/wrong-clocks.ts';

// Which moments there are is found by running deliveries, and each is a test of its own.
const stage = await openFaultStage();
after(() => stage.close());
const setting = await openSetting(stage);
const groups = [
  await everyMoment(setting),
  await lostDatabase(setting),
  await faultyRequests(setting),
  await changedWorld(setting),
  await weakerStore(setting),
  killedWorkers(setting),
  wrongClocks(setting),
];
for (const tell of groups) tell();
