import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCsv } from './parse-csv.ts';

const cellsOf = (text: string) => [...parseCsv(text)].map(({ cells }) => cells);
const faultsOf = (text: string) => [...parseCsv(text)].map(({ line, fault }) => [line, fault]);

describe('parseCsv()', () => {
  it('reads records ended by CRLF or LF, the last one by nothing', () => {
    const expected = [
      ['a', 'b'],
      ['1', '2'],
    ];
    for (const text of ['a,b\r\n1,2\r\n', 'a,b\n1,2\n', 'a,b\r\n1,2', 'a,b\n1,2']) {
      assert.deepEqual(cellsOf(text), expected, JSON.stringify(text));
    }
  });

  it('takes commas, quotes and line breaks in quotes as they are', () => {
    assert.deepEqual(cellsOf('"a,b","say ""hi""","two\r\nlines",""\r\n'), [
      ['a,b', 'say "hi"', 'two\r\nlines', ''],
    ]);
  });

  it('keeps spaces and empty cells, and leaves empty lines out', () => {
    assert.deepEqual(cellsOf('\n a , b \r\n\r\n,,\n'), [
      [' a ', ' b '],
      ['', '', ''],
    ]);
    assert.deepEqual(cellsOf(''), []);
    assert.deepEqual(cellsOf('""\n'), [['']]);
  });

  it('counts the lines of the file, also those inside cells', () => {
    const lines = [...parseCsv('a\n"b\nc\nd"\n\ne\n')].map(({ line }) => line);

    assert.deepEqual(lines, [1, 2, 6]);
  });

  it('says what is wrong with a record, and reads the next as if nothing had happened', () => {
    assert.deepEqual(faultsOf('a,b\nx"y,1\n"x"y,2\nx\ry,3\nc,d\n'), [
      [1, null],
      [2, 'cell 1 has a quote in it and does not begin with one'],
      [3, 'cell 1 goes on after its closing quote'],
      [4, 'cell 1 has a carriage return without a line feed'],
      [5, null],
    ]);
  });

  it('gives up only at a quote that is never closed', () => {
    assert.deepEqual(faultsOf('a,b\n1,"2\n3,4\n'), [
      [1, null],
      [2, 'cell 2 begins with a quote that is never closed'],
    ]);
  });

  it('reads a hostile file in time that grows with its length', () => {
    const started = performance.now();

    const [record] = [...parseCsv(`"${'""'.repeat(500_000)}"`)];

    assert.equal(record?.cells[0]?.length, 500_000);
    assert.equal([...parseCsv('\n'.repeat(1_000_000))].length, 0);
    assert.equal([...parseCsv(','.repeat(1_000_000))][0]?.cells.length, 1_000_001);
    assert.ok(performance.now() - started < 10_000);
  });
});
