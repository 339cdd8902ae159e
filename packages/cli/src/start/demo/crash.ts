import type { ChildProcess } from 'node:child_process';
import type { Dataset } from '@causeway/contract';
import { killChild } from '../child.ts';
import type { Connected } from '../sample.ts';
import { newDelivery, tellRecipients, visibleKeys, watchRun } from './deliver.ts';
import { holdRequests } from './faults.ts';
import { claim, type Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

interface Crash {
  readonly title: string;
  readonly delivery: string;
  /** The request at which the worker is killed: it is held back and never executed. */
  readonly at: { readonly operation: string; readonly keyIncludes?: string };
  /** Judges what the customers see of this run right after the kill. */
  readonly afterwards: (keys: readonly string[]) => void;
}

/** Step 5, second part: workers killed for real, and what the next one makes of it. */
export async function crashAndRecover(
  stage: Stage,
  dataset: Dataset,
  connected: readonly Connected[],
  worker: ChildProcess,
  narrator: Narrator,
): Promise<void> {
  const beforeCommit: Crash = {
    title: 'A worker is killed between prepare and commit',
    delivery: 'Killed before commit',
    at: { operation: 'CompleteMultipartUpload' },
    afterwards(keys) {
      claim(keys.length === 0, 'nothing is visible');
      narrator.proved('Killed with every byte uploaded: the customers see nothing');
    },
  };
  const insideCommit: Crash = {
    title: 'A worker is killed inside commit',
    delivery: 'Killed inside commit',
    at: { operation: 'PutObject', keyIncludes: '_manifests/' },
    afterwards(keys) {
      const manifests = keys.filter((key) => key.includes('_manifests/'));
      claim(keys.length > 0 && manifests.length === 0, 'files are visible, but no manifest');
      narrator.proved(
        `Killed with ${keys.length} files visible and no manifest: not a delivery yet`,
      );
    },
  };
  const next = await crash(stage, beforeCommit, dataset, connected, worker, narrator);
  await crash(stage, insideCommit, dataset, connected, next, narrator);
}

/** Kills the worker at the given point; the worker that is returned has finished the run. */
async function crash(
  stage: Stage,
  plan: Crash,
  dataset: Dataset,
  connected: readonly Connected[],
  worker: ChildProcess,
  narrator: Narrator,
): Promise<ChildProcess> {
  return narrator.step(plan.title, async () => {
    const delivery = await newDelivery(stage, plan.delivery, dataset, connected);
    const held = await holdRequests(stage.sandboxUrl, plan.at);
    const { id } = await stage.client.deliveries.run({ id: delivery.id });
    await held.caught();
    await killChild(worker);
    narrator.say(`kill -9 ${worker.pid}, at its ${plan.at.operation}`);
    plan.afterwards(await keysOf(id, connected));
    await held.release();
    const successor = await stage.startWorker();
    const run = await watchRun(stage, id);
    claim(run.state === 'succeeded', `the run is finished, but it is ${run.state}`);
    narrator.say(`The next worker finishes the run from the journal (attempt ${run.attempt})`);
    tellRecipients(run, connected, narrator);
    const keys = await keysOf(id, connected);
    claim(keys.length === connected.length * 2, 'one file and one manifest for each customer');
    narrator.proved('Exactly one file and one manifest for each customer');
    return successor;
  });
}

async function keysOf(runId: string, connected: readonly Connected[]): Promise<string[]> {
  return (await visibleKeys(connected)).filter((key) => key.includes(runId));
}
