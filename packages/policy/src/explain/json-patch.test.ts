import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyJsonPatch, type JsonPatch } from '../index.ts';
import { jsonPointer } from './json-patch.ts';

describe('applyJsonPatch()', () => {
  const cases: [name: string, document: unknown, patch: JsonPatch, result: unknown][] = [
    ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds at the end of a list', [1], [{ op: 'add', path: '/-', value: 2 }], [1, 2]],
    ['adds before an item', [1, 3], [{ op: 'add', path: '/1', value: 2 }], [1, 2, 3]],
    ['replaces an item', { a: [1] }, [{ op: 'replace', path: '/a/0', value: 2 }], { a: [2] }],
    ['removes a member', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    ['removes an item', [1, 2], [{ op: 'remove', path: '/0' }], [2]],
    ['makes a document of nothing', null, [{ op: 'add', path: '', value: {} }], {}],
    [
      'reads escapes of RFC 6901',
      { 'a/b': { '~': 1 } },
      [{ op: 'replace', path: '/a~1b/~0', value: 2 }],
      { 'a/b': { '~': 2 } },
    ],
    [
      'works on what an earlier operation put in',
      {},
      [
        { op: 'add', path: '/a', value: [] },
        { op: 'add', path: '/a/-', value: 1 },
      ],
      { a: [1] },
    ],
  ];
  for (const [name, document, patch, result] of cases) {
    it(name, () => {
      const before = structuredClone({ document, patch });

      assert.deepEqual(applyJsonPatch(document, patch), result);
      assert.deepEqual({ document, patch }, before);
    });
  }

  const wrong: [document: unknown, patch: JsonPatch][] = [
    [{}, [{ op: 'remove', path: '/a' }]],
    [{}, [{ op: 'replace', path: '/a', value: 1 }]],
    [[], [{ op: 'add', path: '/1', value: 1 }]],
    [[1], [{ op: 'remove', path: '/-' }]],
    [[1], [{ op: 'replace', path: '/01', value: 1 }]],
    [{ a: 1 }, [{ op: 'add', path: '/a/b', value: 1 }]],
    [{}, [{ op: 'add', path: '/constructor/x', value: 1 }]],
  ];
  for (const [document, patch] of wrong) {
    it(`refuses ${JSON.stringify(patch)} on ${JSON.stringify(document)}`, () => {
      assert.throws(() => applyJsonPatch(document, patch), /the document has nothing there/);
    });
  }

  it('takes "__proto__" for a name like any other', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { a: 1 } }]);

    assert.deepEqual(Object.keys(Object(patched)), ['__proto__']);
  });
});

describe('jsonPointer()', () => {
  it('escapes what has a meaning in a pointer', () => {
    assert.equal(jsonPointer(['Statement', 0, 'a/b~c']), '/Statement/0/a~1b~0c');
  });
});
