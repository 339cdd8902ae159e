import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openStore, type Store } from '../open-store.ts';
import { migratedDatabase, startTestPostgres } from './start-test-postgres.ts';

export interface TestDatabase {
  /** The URL of a new database: a copy of one that is migrated. */
  create(): Promise<string>;
  /** The URL of a new database without anything in it. */
  createEmpty(): Promise<string>;
  /** Of a database that is given, or of a new one; it is closed at the end. */
  openStore(databaseUrl?: string): Promise<Store>;
  query(databaseUrl: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** How many test files of this process have yet to be done with the PostgreSQL that they share. */
let users = 0;
let running: Promise<Running> | undefined;

interface Running extends Omit<TestDatabase, 'openStore' | 'stop'> {
  end(): Promise<void>;
}

/**
 * A PostgreSQL for the test files of this process, each with databases of its own: to be
 * called where a test file is loaded, and stopped after its tests. It starts when the first
 * needs it, and ends with the last.
 */
export function shareTestDatabase(): TestDatabase {
  users++;
  const stores: Store[] = [];
  const shared = () => {
    running ??= start();
    return running;
  };
  const create = async () => (await shared()).create();
  return {
    create,
    createEmpty: async () => (await shared()).createEmpty(),
    async openStore(databaseUrl) {
      const store = await openStore({ databaseUrl: databaseUrl ?? (await create()) });
      stores.push(store);
      return store;
    },
    query: async (...args) => (await shared()).query(...args),
    async stop() {
      await Promise.all(stores.map((store) => store.close()));
      users--;
      if (users === 0) await (await running)?.end();
    },
  };
}

async function start(): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-store-'));
  const postgres = await startTestPostgres(dataDir);
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
    await query(postgres.adminUrl, `create database ${name} template ${template}`);
    return postgres.adminUrl.replace(/\/postgres$/, `/${name}`);
  };

  return {
    create: () => createFrom(migratedDatabase),
    createEmpty: () => createFrom('template0'),
    query,
    async end() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
