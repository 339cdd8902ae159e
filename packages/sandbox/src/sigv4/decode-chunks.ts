import { AwsError } from '../http/aws-error.ts';
import { ChunkSignatures } from './chunk-signatures.ts';
import type { Signer } from './signature.ts';

/** A chunk header or trailer line longer than this is none. */
const maxLineBytes = 16 * 1024;
const lineEnd = Buffer.from('\r\n');

/**
 * Takes the `aws-chunked` coding off a body, verifying chunk signatures on the way.
 *
 * A body is chunks of `<hex length>[;chunk-signature=<hex>]\r\n<bytes>\r\n`, the
 * last of length zero, then trailer lines `name:value\r\n` and an empty line.
 */
export class ChunkDecoder {
  /** Names in lower case. Complete once {@link end} has returned. */
  readonly trailers = new Map<string, string>();
  readonly #signatures: ChunkSignatures | null;
  readonly #expectsTrailers: boolean;
  #state: 'header' | 'bytes' | 'bytes_end' | 'trailers' | 'done' = 'header';
  #line: Buffer = Buffer.alloc(0);
  #left = 0;
  #signature = '';

  constructor(signer: Signer | null, expectsTrailers: boolean) {
    this.#signatures = signer && new ChunkSignatures(signer);
    this.#expectsTrailers = expectsTrailers;
  }

  /** Takes bytes as they come and answers with those of the payload among them. */
  *push(bytes: Buffer): Generator<Buffer> {
    let rest = bytes;
    while (rest.length > 0 && this.#state !== 'done') {
      if (this.#state === 'bytes') {
        const piece = rest.subarray(0, this.#left);
        rest = rest.subarray(piece.length);
        this.#left -= piece.length;
        this.#signatures?.update(piece);
        yield piece;
        if (this.#left === 0) this.#endChunk();
        continue;
      }
      const line = this.#takeLine(rest);
      rest = line.rest;
      if (line.text !== null) this.#readLine(line.text);
    }
  }

  /** @throws AwsError `IncompleteBody` when the last chunk has not come. */
  end(): void {
    // Some senders leave out the empty line after a last chunk that has no trailers.
    if (this.#state === 'trailers' && !this.#expectsTrailers) this.#state = 'done';
    if (this.#state !== 'done') {
      throw new AwsError(400, 'IncompleteBody', 'The request body terminated unexpectedly');
    }
  }

  #readLine(text: string): void {
    if (this.#state === 'header') this.#readHeader(text);
    else if (this.#state === 'bytes_end' && text === '') this.#state = 'header';
    else if (this.#state === 'trailers') this.#readTrailer(text);
    else throw malformed();
  }

  #readHeader(text: string): void {
    const [, length, signature] =
      /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(text) ?? [];
    if (length === undefined || (this.#signatures && !signature)) throw malformed();
    this.#left = Number.parseInt(length, 16);
    this.#signature = signature ?? '';
    if (this.#left > 0) {
      this.#state = 'bytes';
      return;
    }
    this.#signatures?.endChunk(this.#signature);
    this.#state = 'trailers';
  }

  #endChunk(): void {
    this.#signatures?.endChunk(this.#signature);
    this.#state = 'bytes_end';
  }

  #readTrailer(text: string): void {
    if (text === '') {
      this.#endTrailers();
      return;
    }
    const colon = text.indexOf(':');
    if (colon < 1 || !this.#expectsTrailers) throw malformed();
    this.trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
  }

  #endTrailers(): void {
    const signature = this.trailers.get('x-amz-trailer-signature');
    this.trailers.delete('x-amz-trailer-signature');
    if (this.#signatures && this.#expectsTrailers) {
      this.#signatures.endTrailers([...this.trailers], signature ?? '');
    }
    this.#state = 'done';
  }

  #takeLine(bytes: Buffer): { readonly text: string | null; readonly rest: Buffer } {
    // A line may be cut between two pieces, its end even between its two bytes.
    const all = this.#line.length > 0 ? Buffer.concat([this.#line, bytes]) : bytes;
    const end = all.indexOf(lineEnd);
    if (end < 0) {
      if (all.length > maxLineBytes) throw malformed();
      this.#line = Buffer.from(all);
      return { text: null, rest: Buffer.alloc(0) };
    }
    this.#line = Buffer.alloc(0);
    return { text: all.toString('latin1', 0, end), rest: all.subarray(end + lineEnd.length) };
  }
}

function malformed(): AwsError {
  return new AwsError(
    400,
    'InvalidChunk',
    'The body is not in the aws-chunked coding that x-amz-content-sha256 announces.',
  );
}
