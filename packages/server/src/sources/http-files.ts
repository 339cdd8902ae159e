import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { CausewayError, type HttpSource, nameOfSource } from '@causeway/contract';
import {
  addressKind,
  type EndpointRules,
  type GuardedAgents,
  guardedAgents,
  requestBy,
} from '@causeway/objectstore';
import { PassingFailure, type RemoteFile, type RemoteFiles } from './fetched-sources.ts';
import { notReadable } from './not-readable.ts';

/** A server on which nothing moves for this long is given up. */
const idleMs = 60_000;

/**
 * A file on a web server. Any address of the internet may be asked, by HTTPS; one of this
 * network, or without TLS, only when the operator has listed it among the endpoints (see
 * {@link EndpointRules}). Redirects are not followed: what was judged is what is asked.
 */
export function httpFiles(
  source: HttpSource,
  endpoints: EndpointRules,
  signal: AbortSignal | undefined,
): RemoteFiles {
  const url = new URL(source.url);
  const label = nameOfSource(source);
  const agents = agentsFor(url, endpoints);
  const ask = (method: 'HEAD' | 'GET', headers: Record<string, string> = {}) =>
    send({ url, method, headers, agents, signal });
  return {
    async find() {
      const head = await ask('HEAD');
      head.resume();
      if (head.statusCode === 200) return [fileOf(head, label)];
      // Some servers know no HEAD.
      const get = await ask('GET');
      get.destroy();
      checkStatus(get, 200, label);
      return [fileOf(get, label)];
    },
    async read(file, from) {
      const response = await ask('GET', from === 0 ? {} : resumeHeaders(file, from));
      const isPart = response.statusCode === 206 && from > 0;
      try {
        checkStatus(response, isPart ? 206 : 200, label);
        checkSame(file, response, label);
        if (isPart) checkStart(response, from, label);
      } catch (error) {
        response.destroy();
        throw error;
      }
      return { from: isPart ? from : 0, body: passing(response) };
    },
    close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

/** @throws CausewayError `endpoint_not_allowed`. */
function agentsFor(url: URL, endpoints: EndpointRules): GuardedAgents {
  try {
    return endpoints.agents(url.origin);
  } catch (error) {
    // Not listed: then only what anybody may reach.
    if (!CausewayError.is(error, 'endpoint_not_allowed') || url.protocol !== 'https:') throw error;
    return guardedAgents((address) => addressKind(address) === 'public');
  }
}

interface Request {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly agents: GuardedAgents;
  readonly signal: AbortSignal | undefined;
}

/** Resolves with any answer. @throws PassingFailure without one; CausewayError `endpoint_not_allowed`. */
function send({ url, method, headers, agents, signal }: Request): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = requestBy(agents, url, {
      method,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'causeway', ...headers },
      timeout: idleMs,
      ...(signal && { signal }),
    });
    request.once('response', resolve);
    request.once('timeout', () => request.destroy(new Error('it sent nothing for a minute')));
    request.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENDPOINT_NOT_ALLOWED') {
        const reason = 'its address is not one of the internet';
        reject(new CausewayError('endpoint_not_allowed', { endpoint: url.origin, reason }));
      } else {
        reject(
          new PassingFailure(`its server cannot be reached (${reasonOf(error)})`, { cause: error }),
        );
      }
    });
    request.end();
  });
}

/** @throws PassingFailure for a server in trouble; CausewayError `source_not_readable`. */
function checkStatus(response: IncomingMessage, expected: number, label: string): void {
  const { statusCode = 0 } = response;
  if (statusCode === expected) return;
  const answer = `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim();
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    throw new PassingFailure(`its server answered ${answer}`);
  }
  if (statusCode === 412 || statusCode === 416) throw changed(label);
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const advice = isRedirect ? `, and redirects are not followed: name where it leads` : '';
  throw notReadable(label, `its server answered ${answer}${advice}`);
}

function fileOf({ headers }: IncomingMessage, label: string): RemoteFile {
  const time = Date.parse(headers['last-modified'] ?? '');
  const length = headers['content-length'];
  return {
    label,
    bytes: length === undefined ? null : Number(length),
    modifiedAt: Number.isFinite(time) ? new Date(time) : null,
    tag: headers.etag ?? '',
  };
}

/**
 * A part of the same version only, or nothing: RFC 9110, 13.1. A weak ETag proves no
 * equality of bytes; then the time must do.
 */
function resumeHeaders(file: RemoteFile, from: number): Record<string, string> {
  const range = `bytes=${from}-`;
  if (file.tag !== '' && !file.tag.startsWith('W/')) return { range, 'if-match': file.tag };
  if (file.modifiedAt === null) return {};
  return { range, 'if-unmodified-since': file.modifiedAt.toUTCString() };
}

function checkSame(found: RemoteFile, response: IncomingMessage, label: string): void {
  const now = fileOf(response, label);
  const isSameTime = now.modifiedAt?.getTime() === found.modifiedAt?.getTime();
  if (now.tag !== found.tag || !isSameTime) throw changed(label);
}

function checkStart({ headers }: IncomingMessage, from: number, label: string): void {
  const [, start] = /^bytes (\d+)-/.exec(headers['content-range'] ?? '') ?? [];
  if (Number(start) === from) return;
  throw notReadable(label, 'its server sent another part than the one that was asked for');
}

function changed(label: string): CausewayError {
  return notReadable(label, 'it changed while it was read');
}

/** Node ends a body that comes short with an error; so nothing else counts as its end. */
async function* passing(response: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* response;
  } catch (error) {
    throw new PassingFailure(`its server broke off (${reasonOf(error)})`, { cause: error });
  }
}

/** Without an address of a machine, which a message may not tell. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
