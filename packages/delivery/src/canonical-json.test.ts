import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson()', () => {
  it('sorts members at every depth and leaves lists in order', () => {
    assert.equal(
      canonicalJson({ b: [{ d: 1, c: null }, 2], a: 'ü' }),
      '{"a":"ü","b":[{"c":null,"d":1},2]}',
    );
  });

  it('sorts names as texts, also those that look like numbers', () => {
    assert.equal(canonicalJson({ '9': 0.1, '10': 1e21, a: [] }), '{"10":1e+21,"9":0.1,"a":[]}');
  });

  it('gives the same text after any parser and printer', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const printed = JSON.stringify(value, null, 2);
        assert.equal(
          canonicalJson(JSON.parse(printed)),
          canonicalJson(JSON.parse(canonicalJson(value))),
        );
      }),
    );
  });
});
