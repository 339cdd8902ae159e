import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Overview } from './page/overview.ts';
import { pageScript } from './page/page-script.ts';
import { pageStyle } from './page/page-style.ts';
import { renderPage } from './page/render-page.ts';
import { mountReference } from './reference.ts';

export interface PagesDeps {
  readonly version: string;
  /** Null: the page shows nothing of what is kept here, to nobody. */
  readonly loadOverview: (() => Promise<Overview>) | null;
}

/** Mounts what is read without an API key: the page, the reference and `/openapi.json`. */
export function mountPages(server: FastifyInstance, deps: PagesDeps): void {
  let document: Promise<string> | undefined;
  server.get('/openapi.json', async (_request, reply) => {
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache');
    document ??= describeApi(deps.version);
    return await document;
  });
  server.get('/', async (request, reply) => {
    const overview = isFromThisComputer(request) ? await deps.loadOverview?.() : null;
    reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy);
    return renderPage(overview ?? null, deps.version);
  });
  mountReference(server);
}

/** Made when it is first asked for: it takes a quarter of a second. */
async function describeApi(version: string): Promise<string> {
  const { openApiDocument } = await import('./openapi.ts');
  return JSON.stringify(await openApiDocument(version));
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const pagePolicy = [
  "default-src 'none'",
  `style-src ${hashOf(pageStyle)}`,
  `script-src ${hashOf(pageScript)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/**
 * Whether a browser on this computer asks for this computer. The name it asks for
 * counts too: a foreign page can give its own name this address (DNS rebinding),
 * and a proxy here speaks for others.
 */
function isFromThisComputer(request: FastifyRequest): boolean {
  if ('forwarded' in request.headers || 'x-forwarded-for' in request.headers) return false;
  const name = URL.parse(`http://${request.headers.host}`)?.hostname.replace(/^\[|\]$/g, '');
  if (name !== 'localhost' && !isLoopback(name)) return false;
  return isLoopback(request.socket.remoteAddress);
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined || isIP(address) === 0) return false;
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
