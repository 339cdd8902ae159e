import { createReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import zlib from 'node:zlib';
import type { CsvOptions } from '@causeway/contract';
import { hasZstd } from '../encode/codecs.ts';
import type { RequestedFile } from '../protocol.ts';
import { JobError } from './job-error.ts';

/** What the first record of a file of CSV tells. */
export interface CsvStart {
  readonly fields: readonly string[];
  /** What ends a line. */
  readonly newLine: NewLine;
}

export type NewLine = '\n' | '\r\n' | '\r';

/** The first record, with the lines before it, must lie within. */
const startBytes = 1024 * 1024;

/**
 * Reads the first record of a file ourselves. DuckDB takes the first line end that it
 * meets for that of all lines, even one within quotes; of a file whose header has another
 * there (as spreadsheets write them) it then reads no row at all, and says nothing.
 *
 * @throws JobError `file_not_readable`.
 */
export async function readCsvStart(csv: CsvOptions, file: RequestedFile): Promise<CsvStart> {
  const unusable = (reason: string) =>
    new JobError({ code: 'file_not_readable', name: file.name, reason });
  const text = await startOf(file, csv.encoding ?? 'utf-8').catch((error: unknown) => {
    throw unusable(
      `its ${file.compression} data is damaged or cut off (${error instanceof Error ? error.message : String(error)})`,
    );
  });
  const rest = skipLines(text, csv.skipLines ?? 0);
  if (rest === '') throw unusable('it is empty, and should begin with a header');
  return splitRecord(rest, csv) ?? unclosed();

  function unclosed(): never {
    throw unusable('the quotes of its first line are never closed');
  }
}

/** The columns that a header names; one without a name is `column` and its place. */
export function namesInHeader({ fields }: CsvStart, file: RequestedFile): string[] {
  const names = fields.map((name, index) => (name === '' ? `column${index}` : name));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) {
      const reason = `its header names column "${name}" twice`;
      throw new JobError({ code: 'file_not_readable', name: file.name, reason });
    }
    seen.add(name.toLowerCase());
  }
  return names;
}

async function startOf(
  { name, compression }: RequestedFile,
  encoding: NonNullable<CsvOptions['encoding']>,
): Promise<string> {
  const source = createReadStream(name);
  const unpacked = compression === 'none' ? source : source.pipe(unpacker(compression));
  // What comes after the part that we read is looked at by whoever reads it.
  unpacked.on('error', () => {});
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= startBytes) break;
    }
  } catch (error) {
    // Whether the rest is whole is found out by who reads it; Node's zstd reads one frame of several.
    if (bytes === 0) throw error;
  } finally {
    source.destroy();
  }
  const labels = { 'utf-8': 'utf-8', 'latin-1': 'latin1', 'utf-16': 'utf-16le' } as const;
  return new TextDecoder(labels[encoding]).decode(Buffer.concat(chunks));
}

function unpacker(compression: 'gzip' | 'zstd'): Duplex {
  if (compression === 'gzip') return zlib.createGunzip();
  if (hasZstd()) return zlib.createZstdDecompress();
  throw new Error('zstd needs Node 22.15 or newer');
}

function skipLines(text: string, lines: number): string {
  let rest = text;
  for (let line = 0; line < lines; line += 1) rest = rest.replace(/^[^\r\n]*(?:\r\n|\r|\n|$)/, '');
  return rest;
}

/** Null when its quotes are never closed. */
function splitRecord(text: string, csv: CsvOptions): CsvStart | null {
  const { delimiter = ',', quote = '"', escape: escaper = quote } = csv;
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  let at = 0;
  for (;;) {
    const character = text[at] ?? '';
    if (quoted && character === '') return null;
    if (quoted && character === escaper && text[at + 1] === quote) {
      field += quote;
      at += 2;
    } else if (quoted && character === quote) {
      quoted = false;
      at += 1;
    } else if (!quoted && (character === '' || character === '\n' || character === '\r')) {
      const newLine = character === '\r' && text[at + 1] === '\n' ? '\r\n' : character || '\n';
      return { fields: [...fields, field], newLine: newLine as NewLine };
    } else if (!quoted && text.startsWith(delimiter, at)) {
      fields.push(field);
      field = '';
      at += delimiter.length;
    } else if (!quoted && character === quote && character !== '' && field === '') {
      quoted = true;
      at += 1;
    } else {
      field += character;
      at += 1;
    }
  }
}
