import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { DroppedReply } from './aws-error.ts';

/** An answer, not yet sent. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** Set by a fault: the connection is cut when so much of the body is sent. */
  readonly cutAfterBytes?: number;
  /** Called once the answer is sent, or will not be. */
  readonly release?: () => void;
}

/**
 * Sends an answer and lets the rest of an unread request pass; a body is never faster than its reader.
 *
 * @throws DroppedReply when it was sent up to where it is to be cut.
 */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  try {
    const { body } = reply;
    if (!response.req.complete) response.req.resume();
    if (reply.cutAfterBytes !== undefined) {
      await sendCut(response, reply, reply.cutAfterBytes);
    } else if (typeof body === 'string' || body === undefined) {
      const bytes = Buffer.from(body ?? '');
      response.writeHead(reply.status, { ...lengthOf(reply, bytes), ...reply.headers });
      response.end(bytes);
    } else {
      response.writeHead(reply.status, { ...reply.headers });
      await sendPieces(response, body);
    }
  } finally {
    reply.release?.();
  }
}

function lengthOf({ status }: Reply, { length }: Buffer): Record<string, string> {
  return status === 204 ? {} : { 'content-length': String(length) };
}

/** An answer without a body has nothing to be cut in but itself. */
async function sendCut(response: ServerResponse, reply: Reply, cut: number): Promise<void> {
  const { status, headers, body } = reply;
  if (body === undefined || body === '') throw new DroppedReply();
  const bytes = typeof body === 'string' ? Buffer.from(body) : null;
  response.writeHead(status, { ...(bytes && lengthOf(reply, bytes)), ...headers });
  response.flushHeaders();
  await sendPieces(response, firstBytes(bytes ? [bytes] : (body as Pieces), cut), false);
  throw new DroppedReply();
}

type Pieces = AsyncIterable<Uint8Array>;

async function* firstBytes(
  pieces: Pieces | readonly Uint8Array[],
  wanted: number,
): AsyncGenerator<Uint8Array> {
  let left = wanted;
  for await (const piece of pieces) {
    if (left > 0) yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

/** @param isWhole false leaves the answer open, once the bytes are on their way. */
async function sendPieces(response: ServerResponse, pieces: Pieces, isWhole = true): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
    }
    if (isWhole) response.end();
    else await flushed(response, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

/** Returns when all that was written has left, or nobody is there to receive it. */
function flushed(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    gone.addEventListener('abort', () => resolve());
    response.write('', () => resolve());
  });
}
