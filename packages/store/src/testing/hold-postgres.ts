import { startEmbeddedPostgres } from '../embedded/start-embedded-postgres.ts';

// A program for tests: starts on the folder named by its argument, says where, and stays.
const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('Cannot start: name the data folder');
try {
  const { databaseUrl, pid } = await startEmbeddedPostgres({ dataDir, durable: false });
  process.stdout.write(`${JSON.stringify({ databaseUrl, pid })}\n`);
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
