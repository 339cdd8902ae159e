import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from '@causeway/sdk';
import { createClient } from '@causeway/sdk';
import {
  type Configuration,
  jsonLinesLog,
  parseConfiguration,
  startServer,
} from '@causeway/server';
import { clientFilePath } from '../environment.ts';
import { followRun } from '../follow-run.ts';
import { style } from '../terminal/style.ts';
import { formatCount, formatDuration } from '../terminal/table.ts';
import { createSample, customerColumn, flightsFile, sampleCustomers } from './sample.ts';
import { sandboxOperator } from './sandbox-operator.ts';
import { startSandboxProcess } from './sandbox-process.ts';
import { untilStopped } from './until-stopped.ts';

/** The sandbox's usual port, so that `aws --endpoint-url` lines can be kept. */
const sandboxPort = 4566;

/**
 * Starts everything on this machine and serves until stopped. On the first start
 * two sample customers are connected and receive their first delivery.
 */
export async function runDev(options: { readonly sample: boolean }): Promise<void> {
  const began = performance.now();
  const given = parseConfiguration(process.env);
  const dataDir = given.dataDir;
  await mkdir(dataDir, { recursive: true });
  const sandbox = await startSandboxProcess({
    dataDir: join(dataDir, 'sandbox'),
    port: sandboxPort,
  });
  const server = await startServer({
    configuration: await onSandbox(given, sandbox.url),
    log: jsonLinesLog((line) => process.stderr.write(line)).bind(null),
    openPage: true,
  });
  if (server.firstApiKey) {
    await leaveClientFile(dataDir, server.url, server.firstApiKey);
    const client = createClient({ baseUrl: server.url, apiKey: server.firstApiKey });
    if (options.sample) await deliverSample(client, sandbox.url);
  }
  console.log(
    `${style('bold', 'Causeway is ready')} in ${formatDuration(performance.now() - began)}`,
  );
  console.log(`  ${style('cyan', server.url)}            customers, connections and runs`);
  console.log(`  ${server.url}/reference  the API`);
  console.log(`  ${sandbox.url}            the sandbox: a local AWS`);
  if (server.firstApiKey) {
    console.log(`\n  API key (shown this once): ${server.firstApiKey}`);
    console.log(`  kept for commands here in ${clientFilePath(dataDir)}`);
  }
  console.log('\n  Press Ctrl-C to stop.');
  process.send?.({ url: server.url, sandboxUrl: sandbox.url });
  await untilStopped();
  await server.close();
  await sandbox.stop();
}

/** The given configuration, pointed at the sandbox and its operator. */
export async function onSandbox(given: Configuration, endpoint: string): Promise<Configuration> {
  const credentials = await sandboxOperator(endpoint, join(given.dataDir, 'sandbox-operator.json'));
  return {
    ...given,
    sourceDirs: [...given.sourceDirs, dirname(flightsFile()), process.cwd()],
    aws: { endpoint, region: 'us-east-1', operatorPrincipalArn: null, credentials },
  };
}

async function leaveClientFile(dataDir: string, url: string, apiKey: string): Promise<void> {
  await writeFile(clientFilePath(dataDir), JSON.stringify({ url, apiKey }), { mode: 0o600 });
}

/** What the demo shows step by step, done at once. */
async function deliverSample(client: Client, endpoint: string): Promise<void> {
  const customerIds: string[] = [];
  for (const sample of sampleCustomers) {
    const { customer, connection, admin } = await createSample(client, endpoint, sample);
    await admin.apply(await client.connections.setupGuide({ id: connection.id }));
    const report = await client.connections.check({ id: connection.id });
    console.log(`  ${sample.name}: s3://${sample.bucket}/causeway/ is ${report.outcome}`);
    customerIds.push(customer.id);
  }
  const dataset = await client.datasets.create({
    name: 'flights',
    source: { type: 'file', path: flightsFile() },
    customerColumn,
  });
  const delivery = await client.deliveries.create({
    name: 'Flights by origin',
    datasetId: dataset.id,
    customerIds,
  });
  const { id } = await client.deliveries.run({ id: delivery.id });
  const run = await followRun(client, id, {});
  const rows = run.recipients.reduce((sum, recipient) => sum + recipient.rows, 0);
  console.log(
    `  First delivery ${run.state}: ${formatCount(rows)} rows to ${run.recipients.length} customers\n`,
  );
}
