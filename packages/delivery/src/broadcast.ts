import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { asError } from '@causeway/contract';

/**
 * Gives the same bytes to several readers, at the pace of the slowest. A reader
 * that is destroyed is left out from then on. If the source fails, so do all.
 */
export function broadcast(source: Readable, readers: number): PassThrough[] {
  const outputs = Array.from({ length: readers }, () => new PassThrough());
  for (const output of outputs) output.on('error', () => {});
  pump(source, outputs).catch((error: unknown) => {
    for (const output of outputs) {
      output.destroy(asError(error));
    }
  });
  return outputs;
}

async function pump(source: Readable, outputs: readonly PassThrough[]): Promise<void> {
  for await (const lent of source) {
    // The outputs keep it after the next was asked for; the source may use its memory again.
    const chunk = Buffer.from(lent);
    const full = outputs.filter((output) => !output.destroyed && !output.write(chunk));
    await Promise.all(full.map(drained));
  }
  for (const output of outputs) output.end();
}

async function drained(output: PassThrough): Promise<void> {
  if (output.destroyed || !output.writableNeedDrain) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([
    once(output, 'drain', { signal }).catch(() => {}),
    once(output, 'close', { signal }).catch(() => {}),
  ]);
  settled.abort();
}
