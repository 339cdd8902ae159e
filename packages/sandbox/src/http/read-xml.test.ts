import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readXml, textOf, treesOf } from './read-xml.ts';

describe('readXml()', () => {
  it('reads characters however they are written', () => {
    for (const quote of ['"', '&quot;', '&#34;', '&#x22;']) {
      const tree = readXml(`<Part><ETag>${quote}a&amp;b${quote}</ETag></Part>`, 'Part');

      assert.equal(tree && textOf(tree, 'ETag'), '"a&b"');
    }
  });

  it('reads as many parts as an upload may have, each with its references', () => {
    const parts = Array.from(
      { length: 10_000 },
      (_, i) => `<Part><ETag>&#34;${i}&#34;</ETag></Part>`,
    );

    const tree = readXml(`<Upload>${parts.join('')}</Upload>`, 'Upload');

    const last = treesOf(tree ?? {}, 'Part').at(-1);
    assert.equal(last && textOf(last, 'ETag'), '"9999"');
  });

  it('takes no other document for the one it wants, nor one that is damaged', () => {
    assert.equal(readXml('<Other/>', 'Part'), null);
    assert.equal(readXml('<Part><ETag></Part>', 'Part'), null);
  });
});
