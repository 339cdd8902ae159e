import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** A request as it came in, before anything in it is believed. */
export interface Incoming {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Names in lower case; values of repeated headers joined by commas. */
  headers: ReadonlyMap<string, string>;
  /** Host name without port, in lower case. */
  readonly hostName: string;
  readonly remoteAddress: string;
  readonly scheme: 'http' | 'https';
  /** Such as `1.3`; null when the request counts as sent in the clear. */
  readonly tlsVersion: string | null;
  readonly message: IncomingMessage;
  /** Set by a fault: the connection is cut when so much of the body has come. */
  cutAfterBytes?: number;
}

/** @param isPlainSecure whether a request that came in the clear counts as sent over TLS. */
export function readIncoming(message: IncomingMessage, isPlainSecure: boolean): Incoming {
  const target = message.url ?? '/';
  const question = target.indexOf('?');
  const headers = readHeaders(message.rawHeaders);
  return {
    method: message.method ?? 'GET',
    rawPath: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
    headers,
    hostName: (headers.get('host') ?? '').replace(/:\d+$/, '').toLowerCase(),
    ...transport(message, isPlainSecure),
    remoteAddress: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    message,
  };
}

/** From here on the request counts as sent without these headers. */
export function forgetHeaders(incoming: Incoming, names: readonly string[]): void {
  const forgotten = new Set(names.map((name) => name.toLowerCase()));
  const left = [...incoming.headers].filter(([name]) => !forgotten.has(name));
  incoming.headers = new Map(left);
}

function transport(
  { socket }: IncomingMessage,
  isPlainSecure: boolean,
): Pick<Incoming, 'scheme' | 'tlsVersion'> {
  if (!(socket instanceof TLSSocket)) {
    return { scheme: 'http', tlsVersion: isPlainSecure ? '1.3' : null };
  }
  return { scheme: 'https', tlsVersion: (socket.getProtocol() ?? '').replace('TLSv', '') };
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
