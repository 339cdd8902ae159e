import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { guideDocument, guideValue, type SetupGuide } from '@causeway/contract';
import { createDuckDbEngine, parquetFile } from '@causeway/engine';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, createOperator, createRole } from '@causeway/sandbox/clients';
import { startTestPostgres } from '@causeway/store/testing';
import { createClosers } from '../closers.ts';
import type { Configuration } from '../configuration.ts';

/** A folder, a PostgreSQL with our tables and a sandbox for the servers of one test file, and what an operator has in them. */
export interface TestStage {
  readonly sandbox: Sandbox;
  readonly configuration: Configuration & { readonly databaseUrl: string };
  /** The flights of two days. */
  readonly flightsFile: string;
  /** Does in the customer's account what the guide says, but for the trust policy given. */
  setUp(guide: SetupGuide, trustPolicy?: object): Promise<void>;
  readObject(accountId: string, bucket: string, key: string): Promise<string>;
  close(): Promise<void>;
}

export async function openTestStage(): Promise<TestStage> {
  const closers = createClosers();
  try {
    return await open(closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function open(closers: ReturnType<typeof createClosers>): Promise<TestStage> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-server-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  const sourceDir = join(folder, 'sources');
  await mkdir(sourceDir);
  const flightsFile = join(sourceDir, 'flights.parquet');
  await copyFlights(flightsFile, folder);
  const postgres = await startTestPostgres(join(folder, 'data', 'postgres'));
  closers.add(() => postgres.stop());
  const sandbox = await startSandbox({ port: 0 });
  closers.add(() => sandbox.close());
  return {
    sandbox,
    flightsFile,
    configuration: {
      dataDir: join(folder, 'data'),
      host: '127.0.0.1',
      port: 0,
      databaseUrl: postgres.databaseUrl,
      operatorName: 'Causeway',
      templateBucket: null,
      publicUrl: 'http://127.0.0.1',
      issuer: { url: 'https://causeway.example.com', audience: 'sts.amazonaws.com' },
      webIdentityTokenFile: null,
      webIdentityProbeTokenFiles: [],
      acceptsUnprovedSubject: false,
      aws: {
        endpoint: sandbox.url,
        region: 'us-east-1',
        operatorPrincipalArn: null,
        operatorOtherPrincipalArn: null,
        credentials: await createOperator(sandbox.url),
      },
      sourceDirs: [sourceDir],
      downloadLimitMb: 1024,
      memoryLimitMb: 256,
      threads: 2,
      concurrentRuns: 2,
      uploadMemoryMb: 256,
      // Those of most tests are small: they stand for large ones.
      smallFileKb: 0,
      slowBucketSeconds: 20,
      forgottenKeysDays: 30,
      checks: { beforeRunSeconds: 900, confirmSeconds: 1 },
      signingKeyFile: null,
      allowedEndpoints: [],
      privateWebhookHosts: [],
      browserOrigins: [],
      secrets: { keyFile: null, kmsKey: null },
    },
    setUp: (guide, trustPolicy) => setUp(sandbox, guide, trustPolicy),
    async readObject(accountId, bucket, key) {
      const { s3 } = accountClients(sandbox.url, accountId);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    },
    close: closers.close,
  };
}

const cacheDir = fileURLToPath(new URL('../../../../node_modules/.cache/', import.meta.url));

/** Made once for all test files. */
async function copyFlights(file: string, folder: string): Promise<void> {
  const cached = join(cacheDir, 'test-flights-of-two-days.parquet');
  const isThere = await stat(cached).catch(() => null);
  if (!isThere) {
    await mkdir(cacheDir, { recursive: true });
    const draft = `${cached}-${process.pid}`;
    await writeFlights(draft, join(folder, 'work'));
    await rename(draft, cached);
  }
  await copyFile(cached, file);
}

/** A small part of the real flights, so that runs take moments. */
async function writeFlights(file: string, tempDir: string): Promise<void> {
  // The package's `exports` do not name its data.
  const all = new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets'));
  const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 256, threads: 2 });
  try {
    await engine.unload(
      {
        source: parquetFile(fileURLToPath(all)),
        format: 'parquet',
        compression: 'zstd',
        window: { cursorColumn: 'date', from: '2001-01-01T00:00:00Z', to: '2001-01-03T00:00:00Z' },
        split: { type: 'all' },
      },
      (_index, stream) => pipeline(stream, createWriteStream(file)),
    );
  } finally {
    await engine.close();
  }
}

async function setUp(sandbox: Sandbox, guide: SetupGuide, trustPolicy?: object): Promise<void> {
  const { iam, s3 } = accountClients(sandbox.url, guideValue(guide, 'accountId'));
  await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
  await createRole(iam, {
    roleName: guideValue(guide, 'roleName'),
    trustPolicy: trustPolicy ?? guideDocument(guide, 'trustPolicy'),
    permissionsPolicy: guideDocument(guide, 'permissionsPolicy'),
  });
}
