import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, median, round2 } from './figure.ts';

const entry = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const rounds = 7;

/** `causeway dev` from exec to ready, on a folder where it was started before. */
export async function benchStart(): Promise<Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  try {
    const first = await startOnce(dataDir);
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++) seconds.push(await startOnce(dataDir));
    const details = { rounds: seconds.map(round2) };
    return [
      { figure: 'start.first_seconds', value: round2(first), unit: 's' },
      {
        figure: 'start.seconds',
        value: round2(median(seconds)),
        unit: 's',
        target: '<= 2',
        details,
      },
    ];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startOnce(dataDir: string): Promise<number> {
  const began = performance.now();
  const child = fork(entry, ['dev'], {
    env: { PATH: process.env['PATH'], CAUSEWAY_DATA_DIR: dataDir, CAUSEWAY_PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => Promise.reject(new Error(`causeway dev ended with code ${code}`))),
  ]);
  const seconds = (performance.now() - began) / 1000;
  child.kill('SIGTERM');
  await ended;
  return seconds;
}
