/**
 * A worker in a process of its own, on the configuration that its parent sends: says
 * when it is ready, sends each line of its log, and ends on SIGTERM or with its parent.
 */
import { flushCompileCache } from 'node:module';
import type { Configuration } from '../configuration.ts';
import { jsonLinesLog } from '../log.ts';
import { startWorker } from '../start-worker.ts';

const log = jsonLinesLog((line) => process.send?.({ log: line }));

process.once('disconnect', () => process.exit());
process.once('message', (configuration: Configuration) => void work(configuration));

async function work(configuration: Configuration): Promise<void> {
  const worker = await startWorker({ configuration, log });
  process.once('SIGTERM', () => void worker.close().then(() => process.disconnect()));
  process.send?.({ ready: true });
  // Who is killed keeps nothing at its end.
  flushCompileCache();
}
