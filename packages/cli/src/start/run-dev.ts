import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createClient } from '@causeway/sdk';
import {
  type Configuration,
  jsonLinesLog,
  parseConfiguration,
  type Server,
  startServer,
} from '@causeway/server';
import { clientFilePath, readClientFile } from '../environment.ts';
import { style } from '../terminal/style.ts';
import { formatDuration } from '../terminal/table.ts';
import { deliverSample } from './deliver-sample.ts';
import { flightsFile } from './sample.ts';
import { sandboxOperator } from './sandbox-operator.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { tellParent, untilStopped } from './until-stopped.ts';

/** The sandbox's usual port, so that `aws --endpoint-url` lines can be kept. */
const sandboxPort = 4566;

/**
 * Starts everything on this machine and serves until stopped. On the first start
 * two sample customers are connected and receive their first delivery.
 */
export async function runDev(options: { readonly sample: boolean }): Promise<void> {
  const began = performance.now();
  const stopped = untilStopped();
  const given = parseConfiguration(process.env);
  const { dataDir } = given;
  await mkdir(dataDir, { recursive: true });
  const logFile = createWriteStream(join(dataDir, 'causeway.log'), { flags: 'a' });
  const sandbox = await startSandboxProcess({
    dataDir: join(dataDir, 'sandbox'),
    port: sandboxPort,
  });
  try {
    const server = await startServer({
      // Samples do not belong into a database that somebody keeps.
      configuration: await onSandbox({ ...given, databaseUrl: null }, sandbox.url),
      log: jsonLinesLog((line) => logFile.write(line)),
      openPage: true,
    });
    try {
      const apiKey = await keepApiKey(dataDir, server);
      if (options.sample) {
        const client = createClient({ baseUrl: server.url, apiKey });
        await deliverSample(client, sandbox.url, dataDir);
      }
      announce(server, sandbox, dataDir, performance.now() - began);
      tellParent({ url: server.url, sandboxUrl: sandbox.url });
      await stopped;
    } finally {
      await server.close();
    }
  } finally {
    await sandbox.stop();
    logFile.end();
  }
}

/** The given configuration, pointed at the sandbox and its operator. */
export async function onSandbox(given: Configuration, endpoint: string): Promise<Configuration> {
  const credentials = await sandboxOperator(endpoint, join(given.dataDir, 'sandbox-operator.json'));
  return {
    ...given,
    sourceDirs: [...given.sourceDirs, dirname(flightsFile()), process.cwd()],
    aws: {
      endpoint,
      region: 'us-east-1',
      operatorPrincipalArn: null,
      operatorOtherPrincipalArn: null,
      credentials,
    },
  };
}

/**
 * Leaves address and key for commands in this folder; gives the key of the first start
 * again, or makes another if that start was cut short before it was left.
 */
async function keepApiKey(dataDir: string, server: Server): Promise<string> {
  const apiKey =
    server.firstApiKey ??
    readClientFile(dataDir)?.apiKey ??
    (await server.store.apiKeys.create({ name: 'dev' })).key;
  const content = JSON.stringify({ url: server.url, apiKey });
  await writeFile(clientFilePath(dataDir), content, { mode: 0o600 });
  return apiKey;
}

function announce(server: Server, sandbox: SandboxProcess, dataDir: string, tookMs: number): void {
  const rows = [
    [server.url, 'customers, connections and runs'],
    [`${server.url}/reference`, 'the API'],
    [sandbox.url, 'the sandbox: a local AWS'],
  ] as const;
  console.log(`${style('bold', 'Causeway is ready')} in ${formatDuration(tookMs)}`);
  const width = Math.max(...rows.map(([url]) => url.length));
  for (const [url, what] of rows) {
    console.log(`  ${style('cyan', url.padEnd(width))}  ${what}`);
  }
  if (server.firstApiKey) {
    console.log(`\n  API key (shown this once): ${server.firstApiKey}`);
    console.log(`  Commands in this folder find it in ${clientFilePath(dataDir)}`);
  }
  console.log('\n  In another terminal: npm run causeway -- connections list');
  console.log('  Press Ctrl-C to stop.');
}
