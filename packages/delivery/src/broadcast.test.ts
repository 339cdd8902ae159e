import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { broadcast } from './broadcast.ts';

describe('broadcast()', () => {
  const source = (chunks: number) =>
    Readable.from(Array.from({ length: chunks }, (_, i) => Buffer.alloc(64 * 1024, i)));

  it('gives every reader the same bytes', async () => {
    const outputs = broadcast(source(40), 3);

    const copies = await Promise.all(outputs.map((output) => buffer(output)));

    assert.equal(copies[0]?.length, 40 * 64 * 1024);
    assert.ok(copies.every((copy) => copy.equals(copies[0] ?? Buffer.alloc(0))));
  });

  it('goes on for the others when one reader is destroyed', async () => {
    const [gone, kept] = broadcast(source(40), 2);

    gone?.destroy();

    assert.equal((await buffer(kept ?? Readable.from([]))).length, 40 * 64 * 1024);
  });

  it('drains the source when nobody reads any more', async () => {
    const stream = source(40);
    for (const output of broadcast(stream, 2)) output.destroy();

    await new Promise((resolve) => stream.once('close', resolve));

    assert.ok(stream.readableEnded);
  });

  it('fails every reader when the source fails', async () => {
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        throw new Error('the query has failed');
      })(),
    );

    const outputs = broadcast(failing, 2);

    await Promise.all(
      outputs.map((output) => assert.rejects(buffer(output), /the query has failed/)),
    );
  });
});
