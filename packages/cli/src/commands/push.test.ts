import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Dataset, RecordsAccepted } from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import { makePlace, type Place, runCommand, startCommand } from '../testing/run-command.ts';

describe('causeway push', () => {
  let place: Place;
  let sandbox: Sandbox;
  let key = '';
  const children: ChildProcess[] = [];
  before(async () => {
    place = await makePlace();
    sandbox = await startSandbox({ port: 0 });
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await sandbox?.close();
    await place?.remove();
  });

  /** A server on the data folder of this file, and its address. */
  const serve = async () => {
    const operator = await createOperator(sandbox.url);
    const { child, output } = startCommand(place, ['serve', '--no-worker'], {
      CAUSEWAY_PORT: '0',
      CAUSEWAY_AWS_ENDPOINT: sandbox.url,
      AWS_ACCESS_KEY_ID: operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
    });
    children.push(child);
    // The first start says a key too, in a line that may come a moment later.
    const said = key ? /^causeway ready (\S+)$/m : /^causeway ready (\S+)\nAPI key [^:]+: (\S+)$/m;
    const ready = () => said.exec(output())?.[1];
    while (ready() === undefined) {
      assert.equal(child.exitCode, null, output());
      await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
    }
    key ||= said.exec(output())?.[2] ?? '';
    return { child, url: ready() ?? '' };
  };
  const causeway = async <T>(url: string, ...args: string[]): Promise<T> => {
    const env = { CAUSEWAY_URL: url, CAUSEWAY_API_KEY: key };
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
      first.url,
      ...['datasets', 'create', '--name', 'insights', '--push', columns],
    );
    const push = ['push', id, file, '--idempotency-key', 'first'];
    const kept = await causeway<RecordsAccepted>(first.url, ...push);

    const answers = new Map<number, RecordsAccepted>();
    const send = async (url: string, number: number): Promise<RecordsAccepted> => {
      const response = await fetch(`${url}/v1/datasets/${id}/records`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
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
        answers.set(number, await send(first.url, number));
        if (answers.size === 40) first.child.kill('SIGKILL');
      }
    };
    await Promise.allSettled(Array.from({ length: 8 }, client));
    assert.ok(answers.size >= 40 && answers.size < next, 'some were answered, and some were not');

    const second = await serve();
    assert.deepEqual(await causeway(second.url, ...push), kept);
    const positions: number[] = [];
    for (let number = 0; number < next; number++) {
      const answer = await send(second.url, number);
      assert.deepEqual(answer, answers.get(number) ?? answer);
      positions.push(answer.position);
    }

    assert.deepEqual(
      positions.toSorted((a, b) => a - b),
      Array.from({ length: next }, (_, index) => 1 + index * 2),
    );
    const ended = once(second.child, 'exit');
    second.child.kill('SIGTERM');
    await ended;
  });
});
