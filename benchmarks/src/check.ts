import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckDeps, checkConnection } from '@causeway/connections';
import { newId } from '@causeway/contract';
import { type Figure, median, round2 } from './figure.ts';
import { benchSandbox } from './sandbox-target.ts';

const rounds = 7;
/** As far as an AWS region of the same continent is. */
const nearMs = 20;
/** Far enough that what computers do in between hardly counts. */
const farMs = 220;

/**
 * How many calls of AWS a check of a healthy connection makes one after the other, and how
 * long it takes where each call takes 20 ms, sandbox and check sharing this process.
 *
 * Round trips are the slope of the time over the delay of each call, in which what is
 * computed cancels out.
 */
export async function benchCheck(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-bench-'));
  const target = await benchSandbox(folder);
  try {
    const check = checkOf(target);
    // The first loads code and warms caches.
    const { calls } = await timeWith(target.url, 0, check);
    const near = await medianTime(target.url, nearMs, check);
    const far = await medianTime(target.url, farMs, check);
    const roundTrips = (far - near) / (farMs - nearMs);
    return [
      {
        figure: 'connection.check.round_trips',
        value: round2(roundTrips),
        unit: '',
        target: '<= 5',
        details: { calls, longestChain: Math.round(roundTrips) },
      },
      {
        figure: 'connection.check.wall_ms',
        value: Math.round(near),
        unit: 'ms',
        details: {
          delayMs: nearMs,
          ratioToOneRoundTrip: round2(near / nearMs),
          rounds,
        },
      },
    ];
  } finally {
    await target.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Target = Awaited<ReturnType<typeof benchSandbox>>;

function checkOf({ url, operator, connection }: Target): () => Promise<void> {
  const placed = { ...connection(newId('customer')), bucket: 'bench-data', prefix: 'causeway/' };
  const deps: CheckDeps = {
    operator: {
      accountId: '111111111111',
      principalArn: 'arn:aws:iam::111111111111:user/causeway',
      region: 'us-east-1',
    },
    credentials: async () => operator,
    region: 'us-east-1',
    endpoint: url,
  };
  return async () => {
    const report = await checkConnection(placed, deps);
    if (report.outcome === 'healthy') return;
    throw new Error(`Cannot measure: the connection is ${report.outcome}`);
  };
}

async function medianTime(url: string, delayMs: number, run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push((await timeWith(url, delayMs, run)).milliseconds);
  }
  return median(times);
}

/** Runs once while every call is answered so much later. */
async function timeWith(url: string, delayMs: number, run: () => Promise<void>) {
  const faults = `${url}/_sandbox/faults`;
  const effect = { type: 'delay', milliseconds: delayMs };
  await send(faults, 'POST', { operation: '*', effect });
  const before = await callsSoFar(url);
  const begin = performance.now();
  await run();
  const milliseconds = performance.now() - begin;
  const calls = (await callsSoFar(url)) - before;
  await send(faults, 'DELETE');
  return { milliseconds, calls };
}

async function callsSoFar(url: string): Promise<number> {
  const response = await fetch(`${url}/_sandbox/requests?last=5000`);
  const { requests } = (await response.json()) as { requests: readonly unknown[] };
  return requests.length;
}

async function send(url: string, method: string, body?: object): Promise<void> {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`Cannot ${method} ${url}: ${await response.text()}`);
}
