import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@causeway/sdk';
import { followRun } from '../follow-run.ts';
import { formatCount } from '../terminal/table.ts';
import { createSample, customerColumn, flightsFile, sampleCustomers } from './sample.ts';

/**
 * Connects the sample customers and makes their first delivery, unless that was
 * done before: what the demo shows step by step, done at once. A start that was
 * interrupted here goes on where it stopped.
 */
export async function deliverSample(
  client: Client,
  endpoint: string,
  dataDir: string,
): Promise<void> {
  const done = join(dataDir, 'sample-delivered');
  if (await exists(done)) return;
  const customerIds: string[] = [];
  for (const sample of sampleCustomers) {
    const { customer, connection, admin } = await createSample(client, endpoint, sample);
    await admin.apply(await client.connections.setupGuide({ id: connection.id }));
    const report = await client.connections.check({ id: connection.id });
    console.log(`  ${sample.name}: s3://${sample.bucket}/causeway/ is ${report.outcome}`);
    customerIds.push(customer.id);
  }
  const run = await followRun(client, await startRun(client, customerIds), {});
  const rows = run.recipients.reduce((sum, recipient) => sum + recipient.rows, 0);
  console.log(
    `  First delivery ${run.state}: ${formatCount(rows)} rows to ${run.recipients.length} customers\n`,
  );
  await writeFile(done, `${run.id}\n`);
}

async function startRun(client: Client, customerIds: string[]): Promise<string> {
  const datasets = await client.datasets.list({});
  const dataset =
    datasets.items.find(({ name }) => name === 'flights') ??
    (await client.datasets.create({
      name: 'flights',
      source: { type: 'file', path: flightsFile() },
      customerColumn,
    }));
  const deliveries = await client.deliveries.list({});
  const delivery =
    deliveries.items.find(({ datasetId }) => datasetId === dataset.id) ??
    (await client.deliveries.create({
      name: 'Flights by origin',
      datasetId: dataset.id,
      customerIds,
    }));
  const runs = await client.runs.list({ deliveryId: delivery.id });
  return runs.items[0]?.id ?? (await client.deliveries.run({ id: delivery.id })).id;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
