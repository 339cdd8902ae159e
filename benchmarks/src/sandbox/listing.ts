import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, median, round2 } from '../figure.ts';
import { memoryMb } from '../memory.ts';
import { forkSandbox, forkServer, type ServerProcess } from './server-process.ts';
import { signedHeaders } from './signed-headers.ts';

const lister = fileURLToPath(new URL('list-process.ts', import.meta.url));
const cannedServer = fileURLToPath(new URL('canned-list-process.ts', import.meta.url));
const bucket = 'million';
const keys = 1_000_000;
const randomPages = 300;
/** As many clients as there are processors, and so few that each has a long way. */
const listers = Math.min(availableParallelism(), 4);

/**
 * A bucket of a million keys: listed whole by several SDK clients at once, each its
 * share, and a page begun at random places. `vs_canned` is how fast that is beside
 * the same clients with a server that sends one prepared page.
 */
export async function benchListing(folder: string): Promise<Figure[]> {
  const dataDir = join(folder, 'listing');
  const emptyMb = await fillBucket(dataDir);
  const began = performance.now();
  const sandbox = await forkSandbox(dataDir);
  const startSeconds = (performance.now() - began) / 1000;
  const page = await readPage(sandbox, 0);
  writeFileSync(join(folder, 'page.xml'), page.body);
  const canned = await forkServer(cannedServer, [join(folder, 'page.xml')]);
  try {
    const loadedMb = memoryMb([sandbox.pid]);
    const firsts: number[] = [];
    for (let i = 0; i < randomPages; i++) {
      firsts.push((await readPage(sandbox, Math.floor(Math.random() * keys))).firstMs);
    }
    const speed = await listWhole(sandbox.url);
    const ceiling = await listWhole(canned.url);
    return [
      {
        figure: 'sandbox.list.keys_per_s',
        value: Math.round(speed),
        unit: 'keys/s',
        target: '>= 50000',
        details: { clients: listers, canned: Math.round(ceiling) },
      },
      { figure: 'sandbox.list.vs_canned', value: round2(speed / ceiling), unit: 'x' },
      {
        figure: 'sandbox.list.first_ms',
        value: round2(Math.max(...firsts)),
        unit: 'ms',
        target: '<= 50',
        details: { median: round2(median(firsts)), pages: randomPages },
      },
      {
        figure: 'sandbox.list.bytes_per_key',
        value: Math.round(((loadedMb - emptyMb) * 1e6) / keys),
        unit: 'B',
      },
      { figure: 'sandbox.start_with_million_keys', value: round2(startSeconds), unit: 's' },
    ];
  } finally {
    await canned.stop();
    await sandbox.stop();
  }
}

/** Spread over prefixes, and not put in their order. */
function keyOf(index: number): string {
  const shuffled = (index * 7_919) % keys;
  const name = String(shuffled).padStart(7, '0');
  return `data/dt=${name.slice(0, 3)}/part-${name}.parquet`;
}

function keyAt(position: number): string {
  const name = String(position).padStart(7, '0');
  return `data/dt=${name.slice(0, 3)}/part-${name}.parquet`;
}

/**
 * A million uploads would take minutes, so one is made for real and its line in the
 * log of the data folder is repeated under other keys.
 *
 * @returns the memory of a sandbox with one object, in MB.
 */
async function fillBucket(dataDir: string): Promise<number> {
  const sandbox = await forkSandbox(dataDir);
  for (const path of [`/${bucket}`, `/${bucket}/TEMPLATE`]) {
    const body = path.endsWith('TEMPLATE') ? 'x' : '';
    const headers = signedHeaders('PUT', sandbox.url, path);
    const { status } = await fetch(`${sandbox.url}${path}`, { method: 'PUT', headers, body });
    if (status !== 200) throw new Error(`PUT ${path} was answered ${status}`);
  }
  const emptyMb = memoryMb([sandbox.pid]);
  await sandbox.stop();
  const log = join(dataDir, 'state.log');
  const template = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  for (let at = 0; at < keys; at += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, i) =>
      template.replaceAll('TEMPLATE', keyOf(at + i)),
    );
    appendFileSync(log, `${lines.join('\n')}\n`);
  }
  return emptyMb;
}

async function readPage(
  { url }: ServerProcess,
  position: number,
): Promise<{ readonly firstMs: number; readonly body: string }> {
  const after = encodeURIComponent(keyAt(position));
  const target = `/${bucket}?list-type=2&start-after=${after}`;
  const began = performance.now();
  const answer = await fetch(`${url}${target}`, { headers: signedHeaders('GET', url, target) });
  const firstMs = performance.now() - began;
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`A page was answered ${answer.status}: ${body}`);
  return { firstMs, body };
}

/** Keys a second of several SDK clients, each with its share. */
async function listWhole(url: string): Promise<number> {
  const pages = keys / 1000 / listers;
  const clients = Array.from({ length: listers }, (_, i) => {
    const from = i === 0 ? '' : keyAt((keys / listers) * i - 1);
    return fork(lister, [url, bucket, from, String(pages)]);
  });
  await Promise.all(clients.map((client) => once(client, 'message')));
  const began = performance.now();
  const counts = await Promise.all(
    clients.map(async (client) => {
      client.send('go');
      const [count] = (await once(client, 'message')) as [number];
      return count;
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total !== keys) throw new Error(`Listed ${total} keys of ${keys}`);
  return total / seconds;
}
