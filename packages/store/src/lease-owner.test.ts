import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { isHolderGone, newLeaseOwner } from './lease-owner.ts';

describe('isHolderGone()', () => {
  const self = newLeaseOwner();
  const [host = ''] = self.split('/');
  const ended = spawnSync(process.execPath, ['--version']).pid;

  it('says of itself that it is there', () => {
    assert.equal(isHolderGone(self, self), false);
  });

  it('says of a process of this host that has ended that it is gone', () => {
    assert.equal(isHolderGone(`${host}/${ended}/x`, self), true);
  });

  it('says of one that had our process id before us that it is gone', () => {
    assert.equal(isHolderGone(`${host}/${process.pid}/x`, self), true);
  });

  it('says of a living process of this host that it is there', () => {
    assert.equal(isHolderGone(`${host}/${process.ppid}/x`, self), false);
  });

  it('knows nothing of the processes of another host', () => {
    assert.equal(isHolderGone(`elsewhere/${ended}/x`, self), false);
    assert.equal(isHolderGone('nonsense', self), false);
  });
});
