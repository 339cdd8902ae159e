import type { Dataset, Delivery, Run } from '@causeway/contract';
import { fractionOf } from '../../follow-run.ts';
import { progressBar } from '../../terminal/progress-bar.ts';
import { formatBytes, formatCount, formatDuration } from '../../terminal/table.ts';
import { type Connected, customerColumn, flightsFile } from '../sample.ts';
import { claim, type Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** Step 4: the dataset, and its first delivery to both customers at once. */
export async function deliverFlights(
  stage: Stage,
  connected: readonly Connected[],
  narrator: Narrator,
): Promise<{ readonly dataset: Dataset; readonly delivery: Delivery }> {
  const { client } = stage;
  const dataset = await narrator.step('The dataset: 3 million real flights', async () => {
    const made = await client.datasets.create({
      name: 'flights',
      source: { type: 'file', path: flightsFile() },
      customerColumn,
    });
    narrator.say(made.schema.map(({ name, type }) => `${name} ${type}`).join(', '));
    narrator.say(`Rows go to the customer named by column "${customerColumn}"`);
    return made;
  });
  return narrator.step('Each customer receives its own rows, in one scan', async () => {
    const delivery = await newDelivery(stage, 'Flights by origin', dataset, connected);
    const run = await runAndWatch(stage, delivery.id);
    claim(run.state === 'succeeded', `the delivery succeeds, but it is ${run.state}`);
    tellRecipients(run, connected, narrator);
    return { dataset, delivery };
  });
}

/** Step 5, first part: the same window again. */
export async function deliverAgain(
  stage: Stage,
  delivery: Delivery,
  connected: readonly Connected[],
  narrator: Narrator,
): Promise<void> {
  await narrator.step('The same window again delivers nothing again', async () => {
    const before = await visibleKeys(connected);
    const run = await runAndWatch(stage, delivery.id);
    const after = await visibleKeys(connected);
    claim(
      run.recipients.every(({ state }) => state === 'unchanged'),
      'every customer is left as it is',
    );
    claim(after.length === before.length, 'no object was added');
    narrator.proved(`${run.state}: every customer unchanged, ${after.length} objects as before`);
  });
}

export function newDelivery(
  stage: Stage,
  name: string,
  dataset: Dataset,
  connected: readonly Connected[],
): Promise<Delivery> {
  return stage.client.deliveries.create({
    name,
    datasetId: dataset.id,
    customerIds: connected.map(({ customer }) => customer.id),
  });
}

/** Runs a delivery and shows its progress until it has ended. */
async function runAndWatch(stage: Stage, deliveryId: string): Promise<Run> {
  const { id } = await stage.client.deliveries.run({ id: deliveryId });
  return watchRun(stage, id);
}

export async function watchRun(stage: Stage, runId: string): Promise<Run> {
  const bar = progressBar(process.stdout);
  const began = performance.now();
  for await (const progress of await stage.client.runs.progress({ id: runId })) {
    const took = formatDuration(performance.now() - began);
    bar.update(fractionOf(progress), `${progress.state}, ${formatBytes(progress.bytes)}, ${took}`);
  }
  bar.end();
  return stage.client.runs.get({ id: runId });
}

export function tellRecipients(
  run: Run,
  connected: readonly Connected[],
  narrator: Narrator,
): void {
  for (const recipient of run.recipients) {
    const name = connected.find(({ customer }) => customer.id === recipient.customerId)?.sample
      .name;
    narrator.proved(
      `${name} ${recipient.state}: ${formatCount(recipient.rows)} rows, ${formatBytes(recipient.bytes)}, delivery number ${recipient.sequence}`,
    );
  }
}

/** What the customers themselves see, with their own credentials. */
export async function visibleKeys(connected: readonly Connected[]): Promise<string[]> {
  const perCustomer = await Promise.all(
    connected.map(({ admin, sample }) => admin.keys(sample.bucket)),
  );
  return perCustomer.flat();
}
