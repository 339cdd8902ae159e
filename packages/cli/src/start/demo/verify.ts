import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createDuckDbEngine, type DuckDbEngine, parquetFile } from '@causeway/engine';
import { createS3Store } from '@causeway/objectstore';
import { rootCredentials } from '@causeway/sandbox';
import { formatCount } from '../../terminal/table.ts';
import { runCommand } from '../child.ts';
import { type Connected, customerColumn, flightsFile } from '../sample.ts';
import { claim, type Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/**
 * Step 6: each customer proves its deliveries, the two whose workers were killed
 * among them, with `causeway verify` and its own credentials, and compares the rows
 * with those of a direct query on the source.
 */
export async function verifyAsReceiver(
  stage: Stage,
  connected: readonly Connected[],
  narrator: Narrator,
): Promise<void> {
  const tempDir = join(stage.tempDir, 'received');
  await mkdir(tempDir, { recursive: true });
  const engine = createDuckDbEngine({
    tempDir,
    memoryLimitMb: 512,
    threads: 2,
    keepsProcesses: true,
  });
  try {
    for (const customer of connected) {
      await narrator.step(`${customer.sample.name} verifies its deliveries`, async () => {
        await verify(stage, customer, narrator);
        await compareRows(stage, customer, tempDir, engine, narrator);
      });
    }
  } finally {
    await engine.close();
  }
}

async function verify(stage: Stage, customer: Connected, narrator: Narrator): Promise<void> {
  const { accountId, bucket, name } = customer.sample;
  const { accessKeyId, secretAccessKey } = rootCredentials(accountId);
  const command = [
    'verify',
    `s3://${bucket}/causeway/`,
    '--keys',
    `${stage.serverUrl}/.well-known/causeway-keys.json`,
    '--endpoint-url',
    stage.sandboxUrl,
  ];
  narrator.say(`$ causeway ${command.join(' ')}`);
  const { exitCode, output } = await runCommand(command, {
    PATH: process.env['PATH'],
    CAUSEWAY_DATA_DIR: stage.tempDir,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  narrator.say(output);
  claim(exitCode === 0, `the deliveries to ${name} verify`);
}

/** The rows of every delivered file, against those of the source that are this customer's. */
async function compareRows(
  stage: Stage,
  customer: Connected,
  tempDir: string,
  engine: DuckDbEngine,
  narrator: Narrator,
): Promise<void> {
  const { accountId, bucket, name, reference } = customer.sample;
  const store = createS3Store({
    bucket,
    region: 'us-east-1',
    endpoint: stage.sandboxUrl,
    expectedBucketOwner: accountId,
    credentials: rootCredentials(accountId),
  });
  try {
    for (const key of await customer.admin.keys(bucket, 'causeway/flights/')) {
      const file = join(tempDir, `${accountId}-${basename(key)}`);
      await pipeline(await store.getObject(key), createWriteStream(file));
      const rows = await engine.compareRows({
        source: parquetFile(flightsFile()),
        customerColumn,
        customerValue: reference,
        files: [file],
        format: 'parquet',
      });
      claim(rows.equal, `the rows of ${name} equal those of the source`);
      narrator.proved(
        `${basename(key)}: ${formatCount(rows.rows)} rows equal those of a direct query, where ${customerColumn} = '${reference}'`,
      );
    }
  } finally {
    store.close();
  }
}
