import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  fields,
  formatBytes,
  formatCount,
  formatDuration,
  printable,
  table,
  toJson,
} from './table.ts';

describe('table()', () => {
  it('lines up the columns and leaves no blanks at the ends', () => {
    const text = table(
      ['ID', 'NAME'],
      [
        ['cus_1', 'Acme'],
        ['cus_22', 'Globex'],
      ],
    );

    assert.equal(text, 'ID      NAME\ncus_1   Acme\ncus_22  Globex');
  });

  it('lines up names whose letters are two columns wide', () => {
    const text = table(
      ['NAME', 'REFERENCE'],
      [
        ['日本航空', 'HND'],
        ['Acme', 'ATL'],
      ],
    );

    assert.equal(text, 'NAME      REFERENCE\n日本航空  HND\nAcme      ATL');
  });

  it('keeps a name with a line break on its own line', () => {
    assert.equal(table(['NAME'], [['a\nb']]), 'NAME\na\\nb');
  });
});

describe('fields()', () => {
  it('names the fields on the left, and shows what is absent as a dash', () => {
    assert.equal(
      fields({ id: 'cus_1', reference: null, rows: 3 }),
      'id         cus_1\nreference  -\nrows       3',
    );
  });

  it('escapes names too: properties are named by others', () => {
    assert.equal(fields({ 'a\x1b[2J': 'b\x07' }), 'a\\u001b[2J  b\\u0007');
  });
});

describe('printable()', () => {
  it('leaves ordinary text of every script as it is', () => {
    assert.equal(printable('Ünïcode 日本 👍🏽 "quoted" \\'), 'Ünïcode 日本 👍🏽 "quoted" \\');
  });

  it('shows every control character as an escape, those above 127 included', () => {
    const hostile = '\x00\x1b]0;title\x07\r\n\t\x7f\x9b31m\u0085';

    const text = printable(hostile);

    assert.equal(text, '\\u0000\\u001b]0;title\\u0007\\r\\n\\t\\u007f\\u009b31m\\u0085');
    assert.doesNotMatch(text, /\p{Cc}/u);
  });

  it('shows what reorders a line as an escape, so that no name passes for another', () => {
    assert.equal(printable('a\u202eb\u2066c\u2028'), 'a\\u202eb\\u2066c\\u2028');
  });
});

describe('toJson()', () => {
  it('is JSON of the same value, with nothing that steers the terminal', () => {
    const value = { name: '\x1b[2J\x9b31m\x7f\u202e', rows: [1] };

    const text = toJson(value);

    assert.deepEqual(JSON.parse(text), value);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('numbers', () => {
  it('come with units that people read', () => {
    assert.deepEqual([0, 999, 1000, 632_541, 2_500_000_000].map(formatBytes), [
      '0 B',
      '999 B',
      '1.0 kB',
      '632.5 kB',
      '2.5 GB',
    ]);
    assert.equal(formatCount(3_000_000), '3,000,000');
    assert.deepEqual([3.4, 999, 1234].map(formatDuration), ['3 ms', '999 ms', '1.2 s']);
  });
});
