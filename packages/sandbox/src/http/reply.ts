import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** An answer, not yet sent. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** Called once the answer is sent, or will not be. */
  readonly release?: () => void;
}

/** Sends an answer and lets the rest of an unread request pass; a body is never faster than its reader. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  try {
    const { body } = reply;
    if (!response.req.complete) response.req.resume();
    if (typeof body === 'string' || body === undefined) {
      const bytes = Buffer.from(body ?? '');
      const length = reply.status === 204 ? {} : { 'content-length': String(bytes.length) };
      response.writeHead(reply.status, { ...length, ...reply.headers });
      response.end(bytes);
      return;
    }
    response.writeHead(reply.status, { ...reply.headers });
    await sendPieces(response, body);
  } finally {
    reply.release?.();
  }
}

async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}
