import { createHash } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

/**
 * Serves the reference at `/reference/`, rendered in the browser from `/openapi.json`
 * by a script that comes from here as well. The content security policy keeps the page from
 * asking any other server for anything: fonts, proxies, telemetry.
 *
 * It is loaded when somebody first asks for it: 4 MB of script and 250 modules, a fifth of a
 * server's start.
 */
export function mountReference(server: FastifyInstance): void {
  let loading: Promise<FastifyInstance> | undefined;
  const answer = async ({ method, url }: FastifyRequest, reply: FastifyReply) => {
    loading ??= loadReference();
    const pages = await loading;
    const page = await pages.inject({ method: method === 'HEAD' ? 'HEAD' : 'GET', url });
    if (page.statusCode === 404) return reply.callNotFound();
    for (const name of ['content-type', 'location'] as const) {
      if (page.headers[name] !== undefined) reply.header(name, page.headers[name]);
    }
    const isPage = page.headers['content-type']?.startsWith('text/html');
    if (isPage) reply.header('content-security-policy', policyFor(page.body));
    else reply.header('cache-control', 'public, max-age=3600');
    return reply.status(page.statusCode).send(page.rawPayload);
  };
  server.get('/reference', answer);
  server.get('/reference/*', answer);
}

/** A server that listens nowhere: a running one takes no more routes. */
async function loadReference(): Promise<FastifyInstance> {
  const { default: apiReference } = await import('@scalar/fastify-api-reference');
  const pages = fastify();
  await pages.register(apiReference, {
    routePrefix: '/reference',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Causeway API reference',
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      hideClientButton: true,
      persistAuth: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      externalUrls: { dashboardUrl: '', registryUrl: '', proxyUrl: '', apiBaseUrl: '' },
    },
  });
  await pages.ready();
  return pages;
}

/** Lets the page's own inline scripts run, and nothing that is put into it later. */
function policyFor(page: string): string {
  const scripts = Array.from(page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g))
    .flatMap(([, body]) => body || [])
    .map((body) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    'font-src data:',
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
