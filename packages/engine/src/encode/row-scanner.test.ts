import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowScannerMaker } from './row-scanner.ts';

const newline = 10;
const quote = 34;

/** What the scanner must find, byte by byte. */
function expected(chunk: Uint8Array, inside: boolean, by: number | null) {
  let [rows, end, within] = [0, 0, inside];
  for (const [at, byte] of chunk.entries()) {
    if (byte === by) within = !within;
    if (byte !== newline || within) continue;
    rows += 1;
    end = at + 1;
  }
  return { found: { rows, end }, inside: within };
}

/** A generator of Park and Miller, so that a failure can be seen again. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

describe('rowScannerMaker()', () => {
  it('finds what a loop over the bytes finds, however they are cut, for files side by side', () => {
    const random = randomFrom(20_261_122);
    const makeScanner = rowScannerMaker();
    const bytes = [newline, quote, 97, 0, 254];
    const files = ([quote, null] as const).map((by) => ({
      by,
      scanner: makeScanner(by),
      inside: false,
    }));
    for (let round = 0; round < 2000; round += 1) {
      const chunk = Uint8Array.from({ length: random(90) }, () => bytes[random(5)] ?? 0);
      for (const file of files) {
        const { found, inside } = expected(chunk, file.inside, file.by);
        assert.deepEqual(file.scanner.scan(chunk), found);
        file.inside = inside;
      }
    }
  });

  it('takes chunks larger than its memory', () => {
    const row = 'a,"two\nlines ""x""",b\n';
    const chunk = Buffer.from(row.repeat(20_000));

    const found = rowScannerMaker()(quote).scan(chunk);

    assert.deepEqual(found, { rows: 20_000, end: chunk.length });
  });
});
