import { AwsError } from '../../http/aws-error.ts';
import { invalidArgument } from '../s3-error.ts';

/** S3 reads this much before the file: fields, their names and the boundaries between them. */
const maxBytesBeforeFile = 20_480;

/** An HTML form as far as its file, whose bytes are still to come. */
export interface Form {
  /** By name as sent, in order; the values of repeated fields joined by commas. */
  readonly fields: ReadonlyMap<string, string>;
  /** Null when the file part names none. */
  readonly fileName: string | null;
  /** The bytes of the file. What follows it is read, so that the connection is free, and ignored. */
  readonly content: AsyncGenerator<Buffer>;
}

/**
 * Reads a `multipart/form-data` body up to its file.
 *
 * @throws AwsError when it is no such body, has no file, or too much comes before the file.
 */
export async function readForm(pieces: AsyncIterator<Buffer>, boundary: string): Promise<Form> {
  const source = new Source(pieces);
  // The body may begin with a boundary, as if a line had ended before it.
  source.unread(Buffer.from('\r\n'));
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  await source.readUntil(delimiter);
  const fields = new Map<string, string>();
  for (;;) {
    if (await isEnd(source)) {
      throw invalidArgument('file', '0', 'POST requires exactly one file upload per request.');
    }
    const { name, fileName } = await readPartHeaders(source);
    if (name.toLowerCase() === 'file') {
      return { fields, fileName, content: fileContent(source, delimiter) };
    }
    const value = (await source.readUntil(delimiter)).toString();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before},${value}`);
  }
}

export function malformedForm(): AwsError {
  return new AwsError(
    400,
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );
}

/** What follows a boundary: two dashes after the last part, and the end of the line after others. */
async function isEnd(source: Source): Promise<boolean> {
  const rest = await source.readUntil(Buffer.from('\r\n'), 'may_end');
  if (rest.subarray(0, 2).toString() === '--') return true;
  if (rest.toString().trim() !== '') throw malformedForm();
  return false;
}

async function readPartHeaders(
  source: Source,
): Promise<{ readonly name: string; readonly fileName: string | null }> {
  for (let disposition = ''; ; ) {
    const line = (await source.readUntil(Buffer.from('\r\n'))).toString();
    if (line === '') {
      const name = parameter(disposition, 'name');
      if (name === null || !/^form-data\b/i.test(disposition)) throw malformedForm();
      return { name, fileName: parameter(disposition, 'filename') };
    }
    const [, value] = /^content-disposition:\s*(.*)$/i.exec(line) ?? [];
    disposition = value ?? disposition;
  }
}

/** Browsers send quotes in names as `%22`, and backslashes as they are. */
function parameter(disposition: string, name: string): string | null {
  const pattern = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^";\\s]*))`, 'i');
  const [whole, quoted, bare] = pattern.exec(disposition) ?? [];
  return whole === undefined ? null : (quoted ?? bare ?? '');
}

async function* fileContent(source: Source, delimiter: Buffer): AsyncGenerator<Buffer> {
  yield* source.streamUntil(delimiter);
  await source.drain();
}

/** Bytes that come in pieces, read by what ends them. */
class Source {
  readonly #pieces: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #bytesRead = 0;

  constructor(pieces: AsyncIterator<Buffer>) {
    this.#pieces = pieces;
  }

  unread(bytes: Buffer): void {
    this.#buffer = Buffer.concat([bytes, this.#buffer]);
  }

  /**
   * Reads what comes before `end`, and `end` itself.
   *
   * @param atEnd `may_end` when the bytes may also end without it.
   */
  async readUntil(
    end: Buffer,
    atEnd: 'may_end' | 'must_not_end' = 'must_not_end',
  ): Promise<Buffer> {
    for (let from = 0; ; ) {
      const at = this.#buffer.indexOf(end, from);
      if (at >= 0) {
        this.#count(at + end.length);
        return this.#take(at, end.length);
      }
      this.#count(this.#buffer.length, 'tentative');
      from = Math.max(this.#buffer.length - end.length + 1, 0);
      if (await this.#more()) continue;
      if (atEnd === 'must_not_end') throw malformedForm();
      return this.#take(this.#buffer.length, 0);
    }
  }

  /** Hands on what comes before `end` as it comes in. */
  async *streamUntil(end: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(end);
      if (at >= 0) {
        if (at > 0) yield this.#take(at, end.length);
        else this.#take(0, end.length);
        return;
      }
      // The last bytes may be the beginning of the end.
      const safe = this.#buffer.length - end.length + 1;
      if (safe > 0) yield this.#take(safe, 0);
      if (!(await this.#more())) throw malformedForm();
    }
  }

  async drain(): Promise<void> {
    this.#buffer = Buffer.alloc(0);
    while (!(await this.#pieces.next()).done);
  }

  #take(length: number, skipped: number): Buffer {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length + skipped);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done) return false;
    this.#buffer =
      this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }

  #count(bytes: number, kind: 'read' | 'tentative' = 'read'): void {
    if (this.#bytesRead + bytes > maxBytesBeforeFile) {
      throw new AwsError(
        400,
        'MaxPostPreDataLengthExceeded',
        // The misspelling is AWS's own.
        'Your POST request fields preceeding the upload file was too large.',
        { fields: { MaxPostPreDataLengthBytes: String(maxBytesBeforeFile) } },
      );
    }
    if (kind === 'read') this.#bytesRead += bytes;
  }
}
