import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SandboxError } from '../sandbox-error.ts';
import { State } from './state.ts';

describe('State', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function bucket(name: string) {
    return {
      name,
      accountId: '1',
      region: 'us-east-1',
      createdAt: '2026-01-01T00:00:00Z',
      policy: null,
    };
  }

  it('is the same after it was opened again', () => {
    const path = join(folder, 'again.log');
    const first = new State(path);
    first.commit(first.buckets.put('a', bucket('a')), first.buckets.put('b', bucket('b')));
    first.commit(first.buckets.remove('a'));
    first.close();

    const second = new State(path);

    assert.deepEqual([...second.buckets.under('')], [bucket('b')]);
    second.close();
  });

  it('forgets a last line that was cut off, and writes on after it', () => {
    const path = join(folder, 'torn.log');
    const first = new State(path);
    first.commit(first.buckets.put('a', bucket('a')));
    first.close();
    appendFileSync(path, '[["buckets","b",{"na');

    const second = new State(path);
    second.commit(second.buckets.put('c', bucket('c')));
    second.close();

    const third = new State(path);
    assert.deepEqual([...third.buckets.keysUnder('')], ['a', 'c']);
    third.close();
  });

  it('refuses to start on a log that is damaged in the middle', () => {
    const path = join(folder, 'damaged.log');
    writeFileSync(path, 'nonsense\n[["buckets","a",{}]]\n');

    assert.throws(
      () => new State(path),
      (error) => error instanceof SandboxError && error.code === 'data_dir_damaged',
    );
  });

  it('writes its log anew when most of it is out of date, and loses nothing', () => {
    const path = join(folder, 'long.log');
    const first = new State(path);
    for (let i = 0; i < 12_000; i++) first.commit(first.buckets.put(`b${i % 10}`, bucket(`b${i}`)));
    first.close();

    assert.ok(readFileSync(path, 'utf8').split('\n').length < 5000);
    const second = new State(path);
    assert.equal(second.buckets.size, 10);
    assert.equal(second.buckets.get('b9')?.name, 'b11999');
    second.close();
  });
});
