import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { hasProcess, isProcessAlive } from './process-alive.ts';

describe('isProcessAlive()', () => {
  it('is true of this process and of the one that all others come from', () => {
    assert.equal(isProcessAlive(process.pid), true);
    assert.equal(isProcessAlive(1), true);
  });

  it('is false of a process that has ended', () => {
    assert.equal(isProcessAlive(spawnSync('true').pid), false);
  });

  const noProc = process.platform === 'linux' ? false : 'only Linux shows zombies in /proc';

  it('is false of a zombie, although the system counts it', { skip: noProc }, async () => {
    // This shell's child ends at once, and the program it becomes never asks for it.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    const [text] = await parent.stdout.take(1).toArray();
    const zombie = Number(String(text));
    while (isProcessAlive(zombie)) await new Promise((resolve) => setTimeout(resolve, 5));

    assert.equal(hasProcess(zombie), true);
    parent.kill();
  });
});
