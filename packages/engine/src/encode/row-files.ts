import type { Readable } from 'node:stream';
import { asError } from '@causeway/contract';
import { compressedBody } from './compressed-body.ts';
import { plainBody } from './file-body.ts';
import type { TextFilesOptions, WrittenFile } from './text-files.ts';

export interface RowFilesOptions extends Pick<TextFilesOptions, 'compression'> {
  /** Called as each file begins, with the name of its row. Never rejects. */
  readonly consume: (fileIndex: number, stream: Readable, rowName: string) => Promise<void>;
}

const newline = 0x0a;
const space = 0x20;

/**
 * Makes each line a file of its own. A line begins with the name of its row and a space, which do
 * not go into the file. A file begins when the reader of the one before has taken its bytes, so
 * readers say how many are under way.
 */
export async function writeRowFiles(
  lines: Readable,
  { compression, consume }: RowFilesOptions,
): Promise<readonly WrittenFile[]> {
  const files: WrittenFile[] = [];
  const consumers: Promise<void>[] = [];
  const write = async (line: Buffer): Promise<void> => {
    const end = line.indexOf(space);
    const name = line.toString('latin1', 0, end);
    if (!/^\d+$/.test(name)) {
      throw new Error(`Cannot write a file of row "${name}": it has no name`);
    }
    const body = compression ? compressedBody(compression) : plainBody();
    consumers.push(consume(consumers.length, body.channel.stream, name));
    try {
      await body.write(line.subarray(end + 1));
      await body.end();
    } catch (error) {
      body.channel.fail(asError(error));
      throw error;
    }
    files.push({ rows: 1, bytes: body.bytes() });
  };
  try {
    for await (const line of wholeLines(lines)) await write(line);
  } finally {
    await Promise.all(consumers);
  }
  return files;
}

/** In memory of their own: the readers of several files may be at work at once. */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      yield Buffer.concat([...begun, rest.subarray(0, end + 1)]);
      begun = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) begun.push(rest);
  }
  if (begun.length > 0) throw new Error('The last line has no end');
}
