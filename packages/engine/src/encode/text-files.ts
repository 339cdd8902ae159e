import type { Readable } from 'node:stream';
import { asError } from '@causeway/contract';
import { type CompressionPlan, compressedBody } from './compressed-body.ts';
import { type FileBody, plainBody } from './file-body.ts';
import type { RowScannerMaker } from './row-scanner.ts';
import type { TextForm } from './text-form.ts';

export interface TextFilesOptions {
  readonly form: TextForm;
  readonly makeScanner: RowScannerMaker;
  /** Null: the files are plain text. */
  readonly compression: CompressionPlan | null;
  /** A file that has come to this many bytes ends with its row; null: there is one file. */
  readonly targetFileBytes: number | null;
  /** Called at once for the first file, and for each other as it begins. Never rejects. */
  readonly consume: (fileIndex: number, stream: Readable) => Promise<void>;
}

export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
}

/** One file: its body, and how far it has come. */
interface OpenFile {
  readonly body: FileBody;
  begun: boolean;
  rows: number;
}

/**
 * Makes files of one output's encoded rows: frames, compresses and rotates them.
 * Without rows no file has a byte, and none is told of. Settles when all that was
 * written is handed on; if reading `rows` fails, so does the file being written.
 */
export async function writeTextFiles(
  rows: Readable,
  options: TextFilesOptions,
): Promise<readonly WrittenFile[]> {
  const { form, compression } = options;
  const targetBytes = options.targetFileBytes ?? Number.POSITIVE_INFINITY;
  const scanner = options.makeScanner(form.quote);
  const files: WrittenFile[] = [];
  const consumers: Promise<void>[] = [];
  const open = (): OpenFile => {
    const body = compression ? compressedBody(compression) : plainBody();
    consumers.push(options.consume(consumers.length, body.channel.stream));
    return { body, begun: false, rows: 0 };
  };
  let file: OpenFile | null = open();
  const write = async (data: Uint8Array): Promise<void> => {
    if (data.length === 0) return;
    file ??= open();
    if (file.begun) return file.body.write(data);
    file.begun = true;
    if (form.head.length > 0) await file.body.write(Uint8Array.from(form.head));
    await file.body.write(data.subarray(form.skip));
  };
  const end = async ({ body, begun, rows: count }: OpenFile): Promise<void> => {
    if (begun && form.tail.length > 0) await body.write(Uint8Array.from(form.tail));
    await body.end();
    if (begun) files.push({ rows: count, bytes: body.bytes() });
  };
  try {
    for await (const chunk of rows as AsyncIterable<Uint8Array>) {
      file ??= open();
      const found = scanner.scan(chunk);
      file.rows += found.rows;
      if (found.end === 0 || file.body.bytes() + chunk.length < targetBytes) {
        await write(chunk);
        continue;
      }
      await write(chunk.subarray(0, found.end));
      await end(file);
      file = null;
      await write(chunk.subarray(found.end));
    }
    if (file) await end(file);
  } catch (error) {
    file?.body.channel.fail(asError(error));
    throw error;
  } finally {
    await Promise.all(consumers);
  }
  return files;
}
