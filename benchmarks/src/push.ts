import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Figure, median, round2 } from './figure.ts';
import { withDescendants } from './memory.ts';

const entry = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const clients = 8;
const recordsPerRequest = 100;
const roundMs = 4_000;
const rounds = 5;

const columns = [
  { name: 'id', type: 'BIGINT', nullable: false },
  { name: 'customer', type: 'VARCHAR', nullable: false },
  { name: 'kind', type: 'VARCHAR' },
  { name: 'score', type: 'DOUBLE' },
  { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: 'text', type: 'VARCHAR' },
];

/**
 * Records a second that a server of its own takes from eight clients, each of which sends
 * its next request when the one before is answered: arrays of 100 records of about 150 bytes, each
 * request with an idempotency key, into one dataset on the embedded PostgreSQL. What is
 * answered is committed and synced. The clients take their part of the same processors.
 */
export async function benchPush(): Promise<Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const server = await serve(dataDir);
  try {
    const push = await datasetOf(server);
    await round(push, 'warm');
    const before = usage(server.pid);
    const results: RoundResult[] = [];
    for (let number = 0; number < rounds; number++) results.push(await round(push, `${number}`));
    const perSecond = results.map(({ records, seconds }) => Math.round(records / seconds));
    const requestMs = results.flatMap((result) => result.requestMs);
    const used = usage(server.pid);
    const msEach = (to: number, from: number) => round2((to - from) / requestMs.length);
    return [
      {
        figure: 'push.records_per_s',
        value: Math.round(median(perSecond)),
        unit: 'records/s',
        target: '>= 20000',
        details: {
          rounds: perSecond,
          clients,
          recordsPerRequest,
          requestP50Ms: round2(median(requestMs)),
          processorMsOfRequest: {
            server: msEach(used.serverMs, before.serverMs),
            database: msEach(used.databaseMs, before.databaseMs),
            client: msEach(used.clientMs, before.clientMs),
          },
        },
      },
    ];
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Served {
  readonly url: URL;
  readonly apiKey: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Without AWS, and without a worker: nothing is delivered meanwhile. */
async function serve(dataDir: string): Promise<Served> {
  const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];
  const child = spawn(process.execPath, [...flags, entry, 'serve', '--no-worker'], {
    env: {
      PATH: process.env['PATH'],
      CAUSEWAY_DATA_DIR: dataDir,
      CAUSEWAY_PORT: '0',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const ready = /^causeway ready (\S+)\nAPI key \(shown this once\): (\S+)$/m;
  while (!ready.test(output)) {
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (child.exitCode !== null) throw new Error(`causeway serve ended: ${output}`);
  }
  const [, url = '', apiKey = ''] = ready.exec(output) ?? [];
  return {
    url: new URL(url),
    apiKey,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Processor time so far: what is spent on a request says more than a rate where others compute too. */
function usage(serverPid: number) {
  const databasePids = withDescendants([serverPid]).filter((pid) => pid !== serverPid);
  const { user, system } = process.cpuUsage();
  return {
    serverMs: processorMs(serverPid),
    databaseMs: databasePids.reduce((sum, pid) => sum + processorMs(pid), 0),
    clientMs: (user + system) / 1000,
  };
}

/** Of all its threads. Linux counts in hundredths of a second. */
function processorMs(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) * 10;
}

type Push = (body: string, idempotencyKey: string) => Promise<void>;

async function datasetOf({ url, apiKey }: Served): Promise<Push> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    postTo(
      {
        host: url.hostname,
        port: url.port,
        path,
        agent,
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          ...headers,
        },
      },
      body,
    );
  const source = { type: 'push', columns };
  const made = await post('/v1/datasets', JSON.stringify({ name: 'events', source }));
  const { id } = JSON.parse(made) as { id: string };
  return async (body, key) => {
    await post(`/v1/datasets/${id}/records`, body, { 'idempotency-key': key });
  };
}

async function postTo(options: RequestOptions, body: string): Promise<string> {
  const sent = request({ ...options, method: 'POST' });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const answer = await text(response);
  if (response.statusCode !== 201) throw new Error(`${response.statusCode} ${answer}`);
  return answer;
}

interface RoundResult {
  readonly records: number;
  readonly seconds: number;
  readonly requestMs: readonly number[];
}

async function round(push: Push, name: string): Promise<RoundResult> {
  const body = JSON.stringify(Array.from({ length: recordsPerRequest }, (_, id) => record(id)));
  const requestMs: number[] = [];
  const began = performance.now();
  const client = async (number: number) => {
    for (let sent = 0; performance.now() - began < roundMs; sent++) {
      const from = performance.now();
      await push(body, `${name}-${number}-${sent}`);
      requestMs.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  const seconds = (performance.now() - began) / 1000;
  console.error(`${requestMs.length} requests in ${round2(seconds)} s`);
  return { records: requestMs.length * recordsPerRequest, seconds, requestMs };
}

function record(id: number) {
  return {
    id,
    customer: `customer-${id % 7}`,
    kind: 'insight',
    score: id / 128,
    at: '2026-01-31T12:00:00.123456Z',
    text: 'The checkout was quick, and the delivery came a day early',
  };
}
