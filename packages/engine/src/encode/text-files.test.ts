import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { rowScannerMaker } from './row-scanner.ts';
import { writeTextFiles } from './text-files.ts';

describe('writeTextFiles()', () => {
  it('begins a file when the reader of the one before is done with its memory', async () => {
    const chunkBytes = 1000;
    const chunks = 50;
    // One is being read, one handed on, one waits, one is filled.
    const lent = Array.from({ length: 4 }, () => Buffer.alloc(chunkBytes));
    let made = 0;
    const rows = new Readable({
      objectMode: true,
      highWaterMark: 1,
      read() {
        if (made === chunks) return void this.push(null);
        const chunk = lent[made % lent.length]?.fill(`${String(made++).padStart(9)}\n`);
        this.push(chunk);
      },
    });
    const read: string[] = [];

    const files = await writeTextFiles(rows, {
      form: { quote: null, head: Buffer.alloc(0), skip: 0, tail: Buffer.alloc(0) },
      makeScanner: rowScannerMaker(),
      compression: null,
      targetFileBytes: 2 * chunkBytes,
      consume: async (index, stream) => {
        const slow = async (chunk: Buffer) => {
          const isLast = read[index] !== undefined;
          for (let turn = 0; isLast && turn < 20; turn++) await nextTurn();
          read[index] = (read[index] ?? '') + chunk;
        };
        const highWaterMark = 1;
        const write = (chunk: Buffer, _encoding: unknown, done: () => void) =>
          void slow(chunk).then(done);
        await pipeline(stream, new Writable({ highWaterMark, write }));
      },
    });

    const expected = Array.from({ length: chunks }, (_, i) =>
      `${String(i).padStart(9)}\n`.repeat(chunkBytes / 10),
    );
    assert.equal(files.length, chunks / 2);
    assert.equal(read.join(''), expected.join(''));
  });
});
