import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openOutputPipe } from './output-pipe.ts';
import { rotatedOutput } from './scan-output.ts';

describe('rotatedOutput()', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-rotated-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('ends when the query has ended before its first bytes are read', {
    timeout: 60_000,
  }, async (t) => {
    const paths = ['0', '1', '2'].map((name) => join(folder, name));
    execFileSync('mkfifo', paths);
    const opened = Promise.withResolvers<void>();
    const output = rotatedOutput(
      {
        prepare: async () => {},
        open(index, onFirstBytes) {
          setImmediate(opened.resolve);
          const options = { bufferBytes: 64 * 1024, reuseChunks: false, onFirstBytes };
          return openOutputPipe(paths[index] ?? '', options);
        },
      },
      async (_file, stream) => {
        await once(stream.resume(), 'end');
      },
    );
    // An open FIFO would keep the process.
    t.after(() => output.fail(new Error('The test has ended')));
    output.start([]);
    await opened.promise;

    // All within one turn of the event loop, so that nothing is read in between.
    writeFileSync(paths[0] ?? '', 'rows');
    await output.drain();

    assert.deepEqual(await output.end(), [{ rows: null, bytes: 4 }]);
  });
});
