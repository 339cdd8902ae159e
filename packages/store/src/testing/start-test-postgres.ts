import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../embedded/start-embedded-postgres.ts';
import { openStore } from '../open-store.ts';

export interface TestPostgres {
  /** Of a database that has all our tables, as the first start of a server leaves them. */
  readonly databaseUrl: string;
  /** Of an empty database of the same PostgreSQL, to be connected to while that one is copied. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** The database that has our tables: `create database x template migrated` copies it. */
export const migratedDatabase = 'migrated';

/**
 * Starts a PostgreSQL for one test file on a copy of files that were made once for all of
 * them: making those takes two seconds of a processor. Nothing of it is synced to disk.
 */
export async function startTestPostgres(dataDir: string): Promise<TestPostgres> {
  const model = await modelCluster();
  await mkdir(dataDir, { recursive: true });
  await copyFolder(join(model, 'cluster'), join(dataDir, 'cluster'));
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  return {
    databaseUrl: migratedUrl(postgres),
    adminUrl: postgres.databaseUrl,
    stop: () => postgres.stop(),
  };
}

const migratedUrl = ({ databaseUrl }: EmbeddedPostgres) =>
  databaseUrl.replace(/\/postgres$/, `/${migratedDatabase}`);

const sources = fileURLToPath(new URL('../', import.meta.url));
const cacheDir = fileURLToPath(
  new URL('../../../../node_modules/.cache/test-clusters', import.meta.url),
);

/** The folder of files to copy, which are made when this package was changed since. */
async function modelCluster(): Promise<string> {
  const model = join(cacheDir, await hashOfSources());
  if (await exists(model)) return model;
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-model-'));
  try {
    await makeCluster(dataDir);
    await mkdir(cacheDir, { recursive: true });
    const draft = await mkdtemp(join(cacheDir, 'draft-'));
    await copyFolder(join(dataDir, 'cluster'), join(draft, 'cluster'));
    await publish(draft, model);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  return model;
}

async function makeCluster(dataDir: string): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  try {
    const client = new Client({ connectionString: postgres.databaseUrl });
    await client.connect();
    await client.query(`create database ${migratedDatabase} template template0`);
    await client.end();
    const store = await openStore({ databaseUrl: migratedUrl(postgres) });
    await store.close();
  } finally {
    await postgres.stop();
  }
}

/** Another test file may have been faster; its files are as good as ours. */
async function publish(draft: string, model: string): Promise<void> {
  try {
    await rename(draft, model);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(model))) throw error;
    return;
  }
  const old = (await readdir(cacheDir)).filter(
    (name) => !name.startsWith('draft-') && name !== basename(model),
  );
  for (const name of old) await rm(join(cacheDir, name), { recursive: true, force: true });
}

/** Of whatever may decide how the files are made. */
async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(sources, '../package.json')));
  const names = (await readdir(sources, { recursive: true })).toSorted();
  for (const name of names) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    hash.update(name).update(await readFile(join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** With owners and rights: PostgreSQL's files may belong to another user than this process. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await promisify(execFile)('cp', ['-a', from, to]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
