import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { familyOf, waitUntilGone } from '../testing/processes.ts';
import { makePlace, type Place, startForker } from '../testing/run-command.ts';
import { ChildEndedError, firstMessage, forkCommand, killChild, stopChild } from './child.ts';

const timeout = 120_000;

function linesOf(process: ChildProcess): AsyncIterator<string> {
  assert.ok(process.stdout);
  return createInterface({ input: process.stdout })[Symbol.asyncIterator]();
}

describe('forkCommand()', { timeout }, () => {
  let place: Place;
  before(async () => {
    place = await makePlace();
  });
  after(() => place.remove());

  const sandbox = ['sandbox', '--port', '0'];

  it('leaves no orphan when the parent is killed', async () => {
    const parent = startForker(place, sandbox);
    const lines = linesOf(parent);
    const pid = Number((await lines.next()).value);
    assert.equal((await lines.next()).value, 'ready');
    assert.ok((await familyOf(parent.pid ?? 0)).includes(pid));

    await killChild(parent);

    assert.deepEqual(await waitUntilGone([pid]), []);
  });

  it('leaves no orphan when the parent is killed before the command is ready', async () => {
    const parent = startForker(place, sandbox);
    const pid = Number((await linesOf(parent).next()).value);

    await killChild(parent);

    assert.deepEqual(await waitUntilGone([pid]), []);
  });

  it('stops when asked, and tells that it did by exit code 0', async () => {
    const child = forkCommand(sandbox, { env: place.env });
    await firstMessage(child, 'the sandbox');

    await stopChild(child);

    assert.equal(child.exitCode, 0);
    await stopChild(child);
  });

  it('lets a command that cannot start end, although its parent is there', async () => {
    const child = forkCommand(['sandbox', '--config', 'none.json'], {
      env: place.env,
      stdio: 'ignore',
    });

    await assert.rejects(firstMessage(child, 'the sandbox'), /its process ended with code 1/);
  });

  it('says what could not be started when the command ends before it is ready', async () => {
    const child = forkCommand(['sandbox', '--port', 'many'], { env: place.env, stdio: 'ignore' });

    await assert.rejects(firstMessage(child, 'the sandbox'), (error) => {
      assert.ok(error instanceof ChildEndedError);
      assert.equal(error.message, 'Cannot start the sandbox: its process ended with code 2');
      return true;
    });
    if (child.exitCode === null) await once(child, 'exit');
  });
});
