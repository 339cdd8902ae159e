import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareUtf8 } from './compare-utf8.ts';
import { SortedKeys } from './sorted-keys.ts';

describe('compareUtf8()', () => {
  it('orders by UTF-8 bytes, also where UTF-16 does not', () => {
    const keys = ['a', 'ab', 'b', 'é', '\u{ffff}', '\u{1f600}', '\u{1f601}', '\ue000'];
    const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    assert.deepEqual([...keys].sort(compareUtf8), byBytes);
  });
});

describe('SortedKeys', () => {
  it('keeps ten thousand keys in order, however they came and went', () => {
    const keys = new SortedKeys();
    const kept: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const key = `k${(i * 7919) % 10_000}`;
      keys.add(key);
      keys.add(key);
      if (i % 3 === 0) keys.delete(key);
      else kept.push(key);
    }
    kept.sort(compareUtf8);

    assert.deepEqual([...keys.from('')], kept);
    assert.equal(
      keys.seek('k5'),
      kept.find((key) => compareUtf8(key, 'k5') >= 0),
    );
    assert.equal(keys.seek('z'), undefined);
    assert.deepEqual(
      [...keys.from('k99')],
      kept.filter((key) => compareUtf8(key, 'k99') >= 0),
    );
  });

  it('orders by UTF-8 from the first key on that needs it', () => {
    const keys = new SortedKeys();
    const all = ['b', '\u{1f600}', 'a', '\ufb01', 'é', 'a\u{1f600}', 'a\ufb01', 'ab'];
    for (const key of all) keys.add(key);
    const replaced = new SortedKeys();
    replaced.replace([...all]);

    assert.deepEqual([...keys.from('')], [...all].sort(compareUtf8));
    assert.deepEqual([...replaced.from('')], [...all].sort(compareUtf8));
    assert.equal(keys.seek('b\u{10ffff}'), 'é');
  });

  it('takes many keys at once, and more one by one', () => {
    const keys = new SortedKeys();
    const many = Array.from({ length: 5000 }, (_, i) => `k${(i * 7919) % 5000}`);
    keys.add('gone');
    keys.replace([...many]);
    for (let i = 0; i < 2000; i++) keys.add(`k4${i}x`);
    const expected = [...many, ...Array.from({ length: 2000 }, (_, i) => `k4${i}x`)].sort();

    assert.deepEqual([...keys.from('')], expected);
    assert.deepEqual(
      [...keys.from('k45')],
      expected.filter((key) => key >= 'k45'),
    );
  });

  it('is empty after the last key went', () => {
    const keys = new SortedKeys();
    keys.add('a');
    keys.delete('a');
    keys.delete('a');

    assert.deepEqual([...keys.from('')], []);
  });
});
