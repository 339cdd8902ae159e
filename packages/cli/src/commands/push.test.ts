import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Dataset, RecordsAccepted } from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
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
  const serve = async (knownKey?: string): Promise<Served> => {
    const server = await serveCommand(place, sandbox, knownKey);
    servers.push(server);
    return server;
  };
  const causeway = async <T>({ env }: Served, ...args: string[]): Promise<T> => {
    const { exitCode, stdout, stderr } = await runCommand(place, [...args, '--json'], env);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout);
  };

  it('keeps all that was answered when the server is killed, and once what is sent again', async () => {
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

    const second = await serve(first.env.CAUSEWAY_API_KEY);
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
    await second.stop();
  });
});
