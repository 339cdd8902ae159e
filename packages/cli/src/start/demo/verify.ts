import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PublicKeySet, type Run, type RunRecipient } from '@causeway/contract';
import { verifyDelivery } from '@causeway/delivery';
import { createDuckDbEngine, type DuckDbEngine } from '@causeway/engine';
import { createS3Store } from '@causeway/objectstore';
import { rootCredentials } from '@causeway/sandbox';
import { formatCount } from '../../terminal/table.ts';
import { showReport } from '../../verify/run-verify.ts';
import { type Connected, customerColumn, flightsFile } from '../sample.ts';
import { claim, type Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** Step 6: each customer proves its delivery with its own credentials. */
export async function verifyAsReceiver(
  stage: Stage,
  run: Run,
  connected: readonly Connected[],
  narrator: Narrator,
): Promise<void> {
  const response = await fetch(new URL('/.well-known/causeway-keys.json', stage.serverUrl));
  const keys = PublicKeySet.parse(await response.json());
  const tempDir = join(stage.tempDir, 'verify');
  await mkdir(tempDir, { recursive: true });
  const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 512, threads: 2 });
  try {
    for (const customer of connected) {
      const recipient = run.recipients.find(
        ({ customerId }) => customerId === customer.customer.id,
      );
      claim(recipient !== undefined, `${customer.sample.name} is a recipient`);
      await narrator.step(`${customer.sample.name} verifies its delivery`, () =>
        verifyOne({ stage, customer, recipient, keys, tempDir, engine, narrator }),
      );
    }
  } finally {
    await engine.close();
  }
}

interface OneVerification {
  readonly stage: Stage;
  readonly customer: Connected;
  readonly recipient: RunRecipient;
  readonly keys: PublicKeySet;
  readonly tempDir: string;
  readonly engine: DuckDbEngine;
  readonly narrator: Narrator;
}

async function verifyOne(input: OneVerification): Promise<void> {
  const { customer, recipient, keys, tempDir, engine, narrator } = input;
  const { accountId, bucket, name, reference } = customer.sample;
  const manifestKey = recipient.manifestKey ?? '';
  const store = createS3Store({
    bucket,
    region: 'us-east-1',
    endpoint: input.stage.sandboxUrl,
    expectedBucketOwner: accountId,
    credentials: rootCredentials(accountId),
  });
  const files: string[] = [];
  try {
    const report = await verifyDelivery({
      reader: store,
      manifestKey,
      keys,
      tempDir,
      inspect: (file) => engine.inspectFile(file),
      async onFile(path, { key }) {
        const copy = join(tempDir, `${accountId}-${basename(key)}`);
        await copyFile(path, copy);
        files.push(copy);
      },
    });
    narrator.say(showReport(report, manifestKey));
    claim(report.verdict === 'passed', `the delivery to ${name} verifies`);
    const rows = await engine.compareRows({
      sourcePath: flightsFile(),
      customerColumn,
      customerValue: reference,
      files,
      format: report.manifest.format,
    });
    claim(rows.equal, `the rows of ${name} equal those of the source`);
    narrator.proved(
      `${formatCount(rows.rows)} rows equal those of a direct query on the source, where ${customerColumn} = '${reference}'`,
    );
  } finally {
    store.close();
  }
}
