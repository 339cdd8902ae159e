import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileGlob } from './glob.ts';
import { compileGlobs } from './glob-set.ts';

/** What a pattern means, written for clarity: whether the rest of the pattern matches the rest of the text. */
function means(pattern: readonly string[], text: readonly string[]): boolean {
  let reached = new Set([0]);
  const pass = (places: Set<number>) => {
    for (const place of places) if (pattern[place] === '*') places.add(place + 1);
    return places;
  };
  reached = pass(reached);
  for (const char of text) {
    const next = new Set<number>();
    for (const place of reached) {
      if (pattern[place] === '*') next.add(place);
      if (pattern[place] === '?' || pattern[place] === char) next.add(place + 1);
    }
    reached = pass(next);
  }
  return reached.has(pattern.length);
}

const glob = (text: string) => compileGlob([{ text, literal: false }]);

describe('compileGlob()', () => {
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '😀'), maxLength: 12 });
  // Asterisks stand only in patterns: the rule in words takes them for wildcards.
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 14 });

  it('matches short texts as the rule says', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        assert.equal(glob(pattern)(text), means([...pattern], [...text]));
      }),
      { numRuns: 5000 },
    );
  });

  it('matches long texts as the rule says, whatever way it takes', () => {
    const repeated = fc.tuple(patterns, texts, patterns, texts, fc.integer({ min: 20, max: 60 }));
    fc.assert(
      fc.property(repeated, ([pattern, text, patternEnd, textEnd, times]) => {
        const longPattern = `${pattern.repeat(times)}${patternEnd}`;
        const longText = `${text.repeat(times)}${textEnd}`;

        assert.equal(glob(longPattern)(longText), means([...longPattern], [...longText]));
      }),
      { numRuns: 300 },
    );
  });

  it('matches pieces literally that come from variables', () => {
    const matches = compileGlob([
      { text: 'home/', literal: false },
      { text: 'a*?', literal: true },
      { text: '/*', literal: false },
    ]);

    assert.ok(matches('home/a*?/x'));
    assert.ok(!matches('home/abc/x'));
  });

  for (const [pattern, text, expected] of [
    [`${'a*'.repeat(5000)}b`, 'a'.repeat(10_000), false],
    [`${'?*'.repeat(5000)}`, 'ab'.repeat(5000), true],
    [`*${'ab'.repeat(2500)}c`, 'ab'.repeat(5000), false],
    [`*${'a?'.repeat(2500)}*b`, `${'a'.repeat(9999)}b`, true],
    ['*a*a*a*b', 'a'.repeat(100_000), false],
  ] as const) {
    // A matcher that tries every way would not come back; how long ours takes, the bench says.
    it(`settles ${pattern.slice(0, 6)}... of ${pattern.length} characters`, () => {
      assert.equal(glob(pattern)(text), expected);
    });
  }
});

describe('compileGlobs()', () => {
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '😀'), maxLength: 6 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 40 });

  it('matches what any of the patterns matches, few or many', () => {
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 60 }), texts, (list, text) => {
        const matches = compileGlobs(list.map((each) => [{ text: each, literal: false }]));

        const expected = list.some((pattern) => means([...pattern], [...text]));
        assert.equal(matches(text), expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the wildcards of a part of an ARN from passing a colon', () => {
    const part = (text: string) => [{ text, literal: false, inPart: true }];
    const many = Array.from({ length: 40 }, (_, index) => part(`x${index}:*?`));

    for (const list of [[part('a*:b?')], [part('a*:b?'), ...many]]) {
      const matches = compileGlobs(list);
      assert.ok(matches('axx:bc'));
      assert.ok(!matches('ax:x:bc'));
      assert.ok(!matches('a:b:'));
    }
  });
});
