import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../embedded/start-embedded-postgres.ts';
import { openStore } from '../open-store.ts';

export interface TestDatabase {
  /** The URL of a new database: a copy of one that is migrated. */
  create(): Promise<string>;
  /** The URL of a new database without anything in it. */
  createEmpty(): Promise<string>;
  query(databaseUrl: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL for one test file, in a folder that goes with it. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-store-'));
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  let made = 0;

  const query: TestDatabase['query'] = async (databaseUrl, text, values = []) => {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const createFrom = async (template: string) => {
    const name = `test_${made++}`;
    await query(postgres.databaseUrl, `create database ${name} template ${template}`);
    return postgres.databaseUrl.replace(/\/postgres$/, `/${name}`);
  };

  const migrated = await createFrom('template0');
  const store = await openStore({ databaseUrl: migrated });
  await store.close();
  return {
    create: () => createFrom('test_0'),
    createEmpty: () => createFrom('template0'),
    query,
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
