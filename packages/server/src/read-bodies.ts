import { CausewayError } from '@causeway/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** JSON, for all operations but those that say what else they take. */
export function readJsonBodies(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // An empty body is an empty object, so that operations without required fields need none.
    if (body.length === 0) return done(null, {});
    return parseJson(request, body.toString(), done);
  });
}

/** Gives the routes of a server CSV as files, and takes nothing else. */
export function readCsvBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(request)) return done(notSupported(request));
    const file = new File([new Uint8Array(Buffer.from(body))], 'body.csv', { type: 'text/csv' });
    return done(null, file);
  });
}

/** What does not say what it is counts as UTF-8, and is held against that when it is read. */
function isUtf8({ headers }: FastifyRequest): boolean {
  const charset = /;\s*charset="?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  return /^(utf-8|utf8|us-ascii)$/i.test(charset ?? 'utf-8');
}

function notSupported({ headers }: FastifyRequest): CausewayError {
  const found = headers['content-type'] ?? '';
  return new CausewayError('media_type_not_supported', { found, expected: 'text/csv' });
}
