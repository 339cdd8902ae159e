import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { type Figure, median, round2 } from '../figure.ts';
import { forkSandbox, forkServer, type ServerProcess } from './server-process.ts';
import { signedHeaders } from './signed-headers.ts';

const bareServer = fileURLToPath(new URL('bare-server-process.ts', import.meta.url));
const mebibyte = 1024 ** 2;
const objectBytes = 64 * mebibyte;
const atATime = 4;
const objectsPerRound = 8;
const rounds = 7;

/**
 * Objects of 64 MiB, four at a time, into and out of the sandbox and a bare Node
 * server, by the same client, each first in turn; medians of the rounds' ratios.
 *
 * An upload carries its CRC-32, as the AWS SDKs send it; `no_checksum` is one
 * without, for which S3 computes a CRC-64 instead.
 */
export async function benchThroughput(folder: string): Promise<Figure[]> {
  const sandbox = await forkSandbox(join(folder, 'sandbox'));
  const bare = await forkServer(bareServer, [join(folder, 'bare')]);
  const agent = new Agent({ keepAlive: true, maxSockets: atATime });
  const body = randomBytes(objectBytes);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  const sum = { 'x-amz-checksum-crc32': checksum.toString('base64') };
  const client = { agent, body };
  try {
    await call(client, sandbox, 'PUT', '/bench', {}, false);
    const put = await compare(sandbox, bare, (server, path) =>
      call(client, server, 'PUT', path, sum, true),
    );
    const unsummed = await compare(sandbox, bare, (server, path) =>
      call(client, server, 'PUT', path, {}, true),
    );
    const get = await compare(sandbox, bare, (server, path) =>
      call(client, server, 'GET', path, {}, false),
    );
    return [
      ...figures('sandbox.put', put, '>= 0.7'),
      ...figures('sandbox.put.no_checksum', unsummed),
      ...figures('sandbox.get', get, '>= 0.7'),
    ];
  } finally {
    agent.destroy();
    await sandbox.stop();
    await bare.stop();
  }
}

interface Speeds {
  readonly sandbox: number[];
  readonly bare: number[];
}

function figures(name: string, speeds: Speeds, target?: string): Figure[] {
  const ratios = speeds.sandbox.map((speed, i) => speed / (speeds.bare[i] ?? Number.NaN));
  return [
    {
      figure: `${name}.vs_bare`,
      value: round2(median(ratios)),
      unit: 'x',
      ...(target !== undefined && { target }),
      details: { rounds: ratios.map(round2) },
    },
    {
      figure: `${name}.mb_per_second`,
      value: Math.round(median(speeds.sandbox)),
      unit: 'MB/s',
      details: { bare: Math.round(median(speeds.bare)) },
    },
  ];
}

type Send = (server: ServerProcess, path: string) => Promise<void>;

async function compare(sandbox: ServerProcess, bare: ServerProcess, send: Send): Promise<Speeds> {
  const speeds: Speeds = { sandbox: [], bare: [] };
  for (let round = 0; round <= rounds; round++) {
    const ways = [
      { server: sandbox, found: speeds.sandbox },
      { server: bare, found: speeds.bare },
    ];
    // Each goes first in turn: what else runs on the machine falls on both.
    for (const { server, found } of round % 2 === 0 ? ways : ways.reverse()) {
      const speed = await measure((path) => send(server, path));
      // The first round warms up.
      if (round > 0) found.push(speed);
    }
  }
  return speeds;
}

async function measure(send: (path: string) => Promise<void>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < objectsPerRound) await send(`/bench/object-${next++}`);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  const seconds = (performance.now() - began) / 1000;
  return (objectsPerRound * objectBytes) / 1e6 / seconds;
}

function call(
  { agent, body }: { readonly agent: Agent; readonly body: Buffer },
  { url }: ServerProcess,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  withBody: boolean,
): Promise<void> {
  const bytes = withBody ? body : Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        method,
        agent,
        headers: {
          ...signedHeaders(method, url, path, headers),
          ...(method === 'PUT' && { 'content-length': String(bytes.length) }),
        },
      },
      (answer) => {
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`${method} ${path} was answered ${answer.statusCode}`));
        });
        answer.resume();
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}
