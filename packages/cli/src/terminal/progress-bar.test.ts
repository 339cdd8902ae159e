import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { progressBar } from './progress-bar.ts';

/** A stream like that of a log file, or of a terminal of 60 columns. */
function output(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 60,
  }) as unknown as NodeJS.WriteStream;
  return { stream, written: () => String((stream as unknown as PassThrough).read() ?? '') };
}

describe('progressBar()', () => {
  it('writes plain lines where there is no terminal', () => {
    const { stream, written } = output(false);
    const bar = progressBar(stream);

    bar.update(0.3, 'running, 1.4 MB');
    bar.end();

    assert.equal(written(), '   30 %  running, 1.4 MB\n');
  });

  it('does not flood a log', () => {
    const { stream, written } = output(false);
    const bar = progressBar(stream);

    for (let step = 0; step < 1000; step++) bar.update(step / 1000, 'running');

    assert.ok(written().split('\n').length < 10);
  });

  it('draws over its own line on a terminal, and clears it at the end', () => {
    const { stream, written } = output(true);
    const bar = progressBar(stream);

    bar.update(0.5, 'running');
    const drawn = written();
    bar.end();

    assert.ok(drawn.startsWith('\r\x1b[2K'));
    assert.doesNotMatch(drawn, /\n/);
    assert.equal(drawn.match(/█/g)?.length, drawn.match(/░/g)?.length);
    assert.equal(written(), '\r\x1b[2K');
  });

  it('cuts a label that would not fit beside the bar', () => {
    const { stream, written } = output(true);

    progressBar(stream).update(1, 'x'.repeat(500));

    assert.equal(written().match(/x/g)?.length, 26);
  });

  it('stays within its bounds whatever fraction it is told', () => {
    for (const [fraction, percent] of [
      [-1, '0 %'],
      [7, '100 %'],
    ] as const) {
      const plain = output(false);
      progressBar(plain.stream).update(fraction, '');
      progressBar(output(true).stream).update(fraction, '');

      assert.match(plain.written(), new RegExp(`^ +${percent}`));
    }
  });
});
