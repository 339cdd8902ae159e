import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type {
  CheckReport,
  Connection,
  Customer,
  Dataset,
  Manifest,
  RecordsAccepted,
  SetupGuide,
} from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import { CustomerAdmin } from '../start/customer-admin.ts';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { type Served, serveCommand } from '../testing/serve-command.ts';

describe('causeway push', () => {
  let place: Place;
  let sandbox: Sandbox;
  const servers: Served[] = [];
  before(async () => {
    place = await makePlace();
    sandbox = await startSandbox({ port: 0 });
  });
  after(async () => {
    for (const server of servers) server.kill();
    await sandbox?.close();
    await place?.remove();
  });

  /** A server on the data folder of this file. */
  const serve = async (knownKey?: string, worker = false): Promise<Served> => {
    const server = await serveCommand(place, sandbox, knownKey, worker);
    servers.push(server);
    return server;
  };
  const causeway = async <T>({ env }: Served, ...args: string[]): Promise<T> => {
    const { exitCode, stdout, stderr } = await runCommand(place, [...args, '--json'], env);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout);
  };

  it('keeps all that was answered when the server is killed, once what is sent again, and delivers each once', async () => {
    const first = await serve();
    const columns = join(place.folder, 'columns.json');
    await writeFile(columns, '[{"name": "id", "type": "BIGINT"}]');
    const file = join(place.folder, 'records.jsonl');
    await writeFile(file, '{"id": 0}\n');
    const { id } = await causeway<Dataset>(
      first,
      ...['datasets', 'create', '--name', 'insights', '--push', columns],
    );
    const push = ['push', id, file, '--idempotency-key', 'first'];
    const kept = await causeway<RecordsAccepted>(first, ...push);

    await connect(first);
    const customers = ['--all-customers', '--mode', 'incremental', '--format', 'jsonl'];
    const order = ['deliveries', 'create', '--name', 'insights', '--dataset', id, ...customers];
    await causeway(first, ...order, '--batch-age', '1');

    const answers = new Map<number, RecordsAccepted>();
    const send = async ({ env }: Served, number: number): Promise<RecordsAccepted> => {
      const response = await fetch(`${env.CAUSEWAY_URL}/v1/datasets/${id}/records`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${env.CAUSEWAY_API_KEY}`,
          'content-type': 'application/json',
          'idempotency-key': `request-${number}`,
        },
        body: JSON.stringify([{ id: number }, { id: number }]),
      });
      assert.equal(response.status, 201);
      return (await response.json()) as RecordsAccepted;
    };
    let next = 0;
    const client = async () => {
      for (;;) {
        const number = next++;
        answers.set(number, await send(first, number));
        if (answers.size === 40) first.kill();
      }
    };
    await Promise.allSettled(Array.from({ length: 8 }, client));
    assert.ok(answers.size >= 40 && answers.size < next, 'some were answered, and some were not');

    const second = await serve(first.env.CAUSEWAY_API_KEY, true);
    assert.deepEqual(await causeway(second, ...push), kept);
    const positions: number[] = [];
    for (let number = 0; number < next; number++) {
      const answer = await send(second, number);
      assert.deepEqual(answer, answers.get(number) ?? answer);
      positions.push(answer.position);
    }

    assert.deepEqual(
      positions.toSorted((a, b) => a - b),
      Array.from({ length: next }, (_, index) => 1 + index * 2),
    );
    const wanted = [0, ...Array.from({ length: next * 2 }, (_, index) => Math.floor(index / 2))];
    const deadline = performance.now() + 60_000;
    let delivered = await received();
    while (delivered.length < wanted.length && performance.now() < deadline) {
      await sleep(100);
      delivered = await received();
    }
    assert.deepEqual(delivered, wanted);
    await second.stop();
  });

  const bucket = 'acme-insights';
  const account = '222222222222';

  /** A customer whose bucket may be written to. */
  async function connect({ env }: Served): Promise<void> {
    const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const response = await fetch(`${env.CAUSEWAY_URL}/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${env.CAUSEWAY_API_KEY}`,
          'content-type': 'application/json',
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      assert.ok(response.ok, text);
      return JSON.parse(text) as T;
    };
    const customer = { name: 'Acme', reference: 'acme' };
    const { id: customerId } = await call<Customer>('POST', 'customers', customer);
    const place = { location: `s3://${bucket}/from/`, accountId: account };
    const { id } = await call<Connection>('POST', 'connections', { customerId, ...place });
    const guide = await call<SetupGuide>('GET', `connections/${id}/setup-guide`);
    await new CustomerAdmin(sandbox.url, account).apply(guide);
    const { outcome } = await call<CheckReport>('POST', `connections/${id}/check`, {});
    assert.equal(outcome, 'healthy');
  }

  /** The records in the files that manifests name, in order. */
  async function received(): Promise<number[]> {
    const keys = await new CustomerAdmin(sandbox.url, account).keys(bucket);
    const { s3 } = accountClients(sandbox.url, account);
    const read = async (Key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    };
    const records: number[] = [];
    for (const manifest of keys.filter((key) => key.includes('/_manifests/'))) {
      for (const { key } of (JSON.parse(await read(manifest)) as Manifest).files) {
        const lines = (await read(key)).trim().split('\n');
        records.push(...lines.map((line) => JSON.parse(line).id));
      }
    }
    return records.toSorted((a, b) => a - b);
  }
});
