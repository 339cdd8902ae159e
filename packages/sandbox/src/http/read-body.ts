import { createHash } from 'node:crypto';
import { ChunkDecoder } from '../sigv4/decode-chunks.ts';
import type { Payload } from '../sigv4/payload.ts';
import { AwsError, ClientGone, DroppedReply } from './aws-error.ts';
import type { Incoming } from './incoming.ts';

/**
 * Reads a body as its sender meant it: the coding taken off, the signed hash and
 * the announced length verified. What was read is to be believed only when the
 * iteration has ended without an error.
 *
 * @param trailers receives the trailers, once all is read.
 */
export async function* readBody(
  incoming: Incoming,
  payload: Payload,
  trailers: Map<string, string> = new Map(),
): AsyncGenerator<Buffer> {
  if (payload.kind === 'form') {
    yield* payload.content;
    return;
  }
  if (payload.kind !== 'chunked') {
    yield* readPlain(incoming, payload.kind === 'hashed' ? payload.sha256 : null);
    return;
  }
  const decoder = new ChunkDecoder(payload.signer, payload.trailers);
  let decodedBytes = 0;
  for await (const bytes of receivedPieces(incoming)) {
    for (const piece of decoder.push(bytes)) {
      decodedBytes += piece.length;
      yield piece;
    }
  }
  decoder.end();
  const announced = incoming.headers.get('x-amz-decoded-content-length');
  if (announced !== undefined && Number(announced) !== decodedBytes) {
    throw new AwsError(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header',
    );
  }
  for (const [name, value] of decoder.trailers) trailers.set(name, value);
}

/**
 * Reads a small body whole.
 *
 * @throws AwsError `tooLarge` as soon as it is longer than `maxBytes`.
 */
export async function readWhole(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
  tooLarge: AwsError,
): Promise<Buffer> {
  const gathered: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > maxBytes) throw tooLarge;
    gathered.push(piece);
  }
  return Buffer.concat(gathered);
}

async function* readPlain(incoming: Incoming, expected: string | null): AsyncGenerator<Buffer> {
  const hash = expected === null ? null : createHash('sha256');
  for await (const bytes of receivedPieces(incoming)) {
    hash?.update(bytes);
    yield bytes;
  }
  const found = hash?.digest('hex');
  if (expected !== null && found !== undefined && found !== expected) {
    throw new AwsError(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { fields: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: found } },
    );
  }
}

/** The pieces of a body as they come in, with no regard to how it is wrapped. */
export async function* receivedPieces(incoming: Incoming): AsyncGenerator<Buffer> {
  const { message, cutAfterBytes = Number.POSITIVE_INFINITY } = incoming;
  let bytes = 0;
  try {
    // The connection must outlive a refused body: the refusal is still to be sent over it.
    for await (const piece of message.iterator({ destroyOnReturn: false })) {
      bytes += (piece as Buffer).length;
      if (bytes > cutAfterBytes) throw new DroppedReply();
      yield piece as Buffer;
    }
  } catch (error) {
    if (error instanceof DroppedReply) throw error;
    if (message.destroyed && !message.complete) throw new ClientGone();
    throw error;
  }
}
