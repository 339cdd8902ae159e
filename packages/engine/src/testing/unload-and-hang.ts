import { createDuckDbEngine } from '../create-duckdb-engine.ts';
import { parquetFile } from '../engine-source.ts';
import { childrenOf } from './processes.ts';

/** A process for a test to kill: it unloads, reads nothing, and prints its child's process id. */
const [tempDir = '', path = ''] = process.argv.slice(2);
const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 200, threads: 2 });
await engine.unload(
  {
    source: parquetFile(path),
    format: 'jsonl',
    compression: 'none',
    split: { type: 'all' },
  },
  async () => {
    process.stdout.write(`${childrenOf(process.pid)[0]}\n`);
    setInterval(() => {}, 1000);
    await new Promise(() => {});
  },
);
