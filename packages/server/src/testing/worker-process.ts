/**
 * A worker in a process of its own, on the configuration that its parent sends: says
 * when it is ready, sends each line of its log, and ends on SIGTERM or with its parent.
 */
import { flushCompileCache } from 'node:module';
import type { Configuration } from '../configuration.ts';
import { jsonLinesLog } from '../log.ts';
import { startWorker } from '../start-worker.ts';
import type { WorkerStart } from './test-worker.ts';

const log = jsonLinesLog((line) => process.send?.({ log: line }));

process.once('disconnect', () => process.exit());
process.once('message', (order: Order) => void work(order));

type Order = WorkerStart & { readonly configuration: Configuration };

async function work({ configuration, clockAheadSeconds = 0 }: Order): Promise<void> {
  if (clockAheadSeconds !== 0) shiftClock(clockAheadSeconds * 1000);
  const worker = await startWorker({ configuration, log });
  process.once('SIGTERM', () => void worker.close().then(() => process.disconnect()));
  process.send?.({ ready: true });
  // Who is killed keeps nothing at its end.
  flushCompileCache();
}

/** As on a host whose clock is off: every time that is asked for is, and none that is given. */
function shiftClock(aheadMs: number): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [value: number | string | Date]) {
      super(given.length === 0 ? RealDate.now() + aheadMs : given[0]);
    }
    static override now(): number {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;
}
