import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchesPattern } from './matches-pattern.ts';

describe('matchesPattern()', () => {
  const examples: [pattern: string, text: string, matches: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'anything', true],
    ['a*', 'a', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbcd', false],
    ['*.csv', 'a/b.csv/c.csv', true],
    ['*a*b*c', 'xxaxxbxxbxxc', true],
    ['?', '', false],
    ['?', 'a', true],
    ['?', '\u{1F600}', true],
    ['a?c', 'abc', true],
    ['a.c', 'abc', false],
    ['[a-z]', 'b', false],
    ['A', 'a', false],
    ['a\nb*', 'a\nbc', true],
  ];
  for (const [pattern, text, matches] of examples) {
    it(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      assert.equal(matchesPattern(pattern, text), matches);
    });
  }

  it('answers patterns made to blow up, on long text', () => {
    const pattern = `${'*a'.repeat(500)}*b`;

    assert.equal(matchesPattern(pattern, 'a'.repeat(5000)), false);
    assert.equal(matchesPattern(pattern, `${'a'.repeat(5000)}b`), true);
  });

  it('agrees with a regular expression of the same meaning', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 10 });
    fc.assert(
      fc.property(short, text, (pattern, candidate) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        assert.equal(matchesPattern(pattern, candidate), same.test(candidate));
      }),
    );
  });
});
