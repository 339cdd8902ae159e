import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KnownRows, UnloadJob } from './engine.ts';
import type { KnownRequest } from './protocol.ts';

const fingerprintBytes = 16;

/** What the child is told: the fingerprints themselves lie in a file. */
export function knownRequest({
  known,
  split,
}: Pick<UnloadJob, 'known' | 'split'>): KnownRequest | null {
  if (!known) return null;
  return { columns: known.columns, before: known.before, byOutput: split.type === 'byColumn' };
}

/** Writes the fingerprints as lines that the child reads: a file, since it may be read twice. */
export async function writeKnownRows(path: string, known: KnownRows): Promise<void> {
  await pipeline(Readable.from(lines(known)), createWriteStream(path));
}

async function* lines({ read }: KnownRows): AsyncGenerator<string> {
  for await (const { value, fingerprints } of read()) {
    const output = `"${(value ?? '').replaceAll('"', '""')}"`;
    let text = '';
    for (let start = 0; start < fingerprints.length; start += fingerprintBytes) {
      text += `${fingerprints.toString('hex', start, start + fingerprintBytes)},${output}\n`;
    }
    yield text;
  }
}
