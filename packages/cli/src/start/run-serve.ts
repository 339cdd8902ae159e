import { join } from 'node:path';
import { jsonLinesLog, parseConfiguration, startServer, startWorker } from '@causeway/server';
import { openStore, startEmbeddedPostgres } from '@causeway/store';
import { tellParent, untilStopped } from './until-stopped.ts';

const log = jsonLinesLog((line) => process.stderr.write(line));

/** Serves the API until stopped. */
export async function runServe(options: { readonly worker: boolean }): Promise<void> {
  const stopped = untilStopped();
  const server = await startServer({
    configuration: parseConfiguration(process.env),
    log,
    worker: options.worker,
  });
  console.log(`causeway ready ${server.url}`);
  if (server.firstApiKey) {
    console.log(`API key (shown this once): ${server.firstApiKey}`);
  }
  await stopped;
  await server.close();
}

/** Carries out runs until stopped. */
export async function runWorker(): Promise<void> {
  const stopped = untilStopped();
  const worker = await startWorker({ configuration: parseConfiguration(process.env), log });
  tellParent({ ready: true });
  console.log('causeway worker ready');
  await stopped;
  await worker.close();
}

/** Opens the store once, which brings the database up to this version. Needs no AWS. */
export async function runMigrate(): Promise<void> {
  const { databaseUrl, dataDir } = parseConfiguration(process.env);
  if (databaseUrl !== null) {
    await migrate(databaseUrl);
  } else {
    const embedded = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
    try {
      await migrate(embedded.databaseUrl);
    } finally {
      await embedded.stop();
    }
  }
  console.log('the database is up to date');
}

async function migrate(databaseUrl: string): Promise<void> {
  const store = await openStore({ databaseUrl });
  await store.close();
}
