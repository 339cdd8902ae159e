import { createHash } from 'node:crypto';
import apiReference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/**
 * Serves the reference at `/reference/`, rendered in the browser from `/openapi.json`
 * by a script that comes from here as well. The content security policy keeps the page from
 * asking any other server for anything: fonts, proxies, telemetry.
 */
export async function mountReference(server: FastifyInstance): Promise<void> {
  await server.register(async (pages) => {
    pages.addHook('onSend', async (_request, reply, payload) => {
      if (typeof payload !== 'string') return payload;
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
      if (isPage) reply.header('content-security-policy', policyFor(payload));
      else reply.header('cache-control', 'public, max-age=3600');
      return payload;
    });
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
  });
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
