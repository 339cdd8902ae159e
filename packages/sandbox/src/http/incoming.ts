import type { IncomingMessage } from 'node:http';

/** A request as it came in, before anything in it is believed. */
export interface Incoming {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Names in lower case; values of repeated headers joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** Host name without port, in lower case. */
  readonly hostName: string;
  readonly remoteAddress: string;
  readonly message: IncomingMessage;
  /** Set by a fault: the connection is cut when so much of the body has come. */
  cutAfterBytes?: number;
}

export function readIncoming(message: IncomingMessage): Incoming {
  const target = message.url ?? '/';
  const question = target.indexOf('?');
  const headers = readHeaders(message.rawHeaders);
  return {
    method: message.method ?? 'GET',
    rawPath: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
    headers,
    hostName: (headers.get('host') ?? '').replace(/:\d+$/, '').toLowerCase(),
    remoteAddress: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    message,
  };
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}
