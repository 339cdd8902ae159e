import type { Socket } from 'node:net';
import { CausewayError, pushLimits, randomDigits, toErrorBody } from '@causeway/contract';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type ApiHandler, parseIdempotencyKey } from './api-handler.ts';
import { type AuthenticateDeps, authenticate, type Caller } from './authenticate.ts';
import { bodyLimitBytes, type FailedRequest, toCallerError } from './failures.ts';
import type { Log } from './log.ts';
import { listOperations, methodsAt } from './operation-table.ts';
import { readRecordBodies } from './push/read-record-bodies.ts';
import { readCsvBodies, readJsonBodies } from './read-bodies.ts';

export interface HttpServerDeps extends AuthenticateDeps {
  readonly handle: ApiHandler;
  readonly log: Log;
}

/**
 * The HTTP server without its pages: authentication, limits, and one shape of error
 * for whatever goes wrong, also before an operation is found.
 */
export function createHttpServer(deps: HttpServerDeps): FastifyInstance {
  const sendFailure = (error: unknown, request: FailedRequest, reply: FastifyReply) => {
    const failure = toCallerError(error, request, deps.log);
    setCommonHeaders(request.id, reply);
    if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.status(failure.status).send(toErrorBody(failure, request.id));
  };
  const server = fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: 'idle',
    genReqId: newRequestId,
    requestTimeout: 30_000,
    return503OnClosing: false,
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors: (error, request, reply: FastifyReply) => {
      void sendFailure(error, describe(request), reply);
    },
  });
  readJsonBodies(server);
  server.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(request.id, reply);
  });
  server.setErrorHandler((error, request, reply) => {
    return sendFailure(error, describe(request), reply);
  });
  server.setNotFoundHandler((request, reply) => {
    const { method, path } = describe(request);
    const allowed = methodsAt(path);
    if (allowed.length === 0) throw new CausewayError('route_not_found', { method, path });
    reply.header('allow', allowed.join(', '));
    throw new CausewayError('method_not_allowed', { method, path, allowed });
  });
  mountOperations(server, deps);
  return server;
}

/** Operations that need a key are under `/v1/`; what is asked for there without one is not even looked at. */
function mountOperations(server: FastifyInstance, deps: HttpServerDeps): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const answer = async (request: FastifyRequest) => {
    const idempotencyKey = parseIdempotencyKey(request.headers['idempotency-key']);
    const caller = callers.get(request) ?? nobody;
    const remoteAddress = request.socket.remoteAddress ?? '';
    return { request: describe(request), ...caller, remoteAddress, idempotencyKey };
  };
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    if (await deps.handle(request, reply, await answer(request))) return reply;
    return reply.callNotFound();
  };
  const operations = listOperations();
  server.register(async (protectedRoutes) => {
    protectedRoutes.addHook('onRequest', async (request) => {
      callers.set(request, await authenticate(request.headers, deps));
    });
    protectedRoutes.all('/v1/*', handle);
    for (const { method, path, meta } of operations) {
      if (meta.takes === undefined) continue;
      const { read, bodyLimit } = otherBodies[meta.takes];
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      protectedRoutes.register(async (routes) => {
        read(routes);
        for (const each of [url, `${url}/`]) {
          routes.route({ method, url: each, bodyLimit, handler: handle });
        }
      });
    }
  });
  for (const operation of operations) {
    if (!operation.meta.open) continue;
    server.route({
      method: operation.method,
      url: operation.path,
      handler: handle,
    });
  }
}

/** Bodies that are no JSON, each read for the operations that take them. */
const otherBodies = {
  'text/csv': { read: readCsvBodies, bodyLimit: bodyLimitBytes },
  'application/x-ndjson': { read: readRecordBodies, bodyLimit: pushLimits.bytes },
};

const nobody: Caller = { apiKeyId: null, session: null };

/** What Node's parser refuses never becomes a request: the answer is written by hand. */
function refuseBrokenHttp(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const message =
    { HPE_HEADER_OVERFLOW: 'its headers are too large', ERR_HTTP_REQUEST_TIMEOUT: 'it is late' }[
      error.code ?? ''
    ] ?? 'it is not valid HTTP';
  const failure = new CausewayError('invalid_request', { issues: [{ path: '', message }] });
  const body = JSON.stringify(toErrorBody(failure, newRequestId()));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function newRequestId(): string {
  return `req_${randomDigits(16)}`;
}

function setCommonHeaders(requestId: string, reply: FastifyReply): void {
  reply.headers({
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
  });
}

function describe(request: FastifyRequest): FailedRequest {
  return {
    id: request.id,
    method: request.method,
    path: request.url.split('?', 1)[0] ?? '',
    contentType: request.headers['content-type'],
  };
}
