import type { FastifyInstance } from 'fastify';
import { connectMarkup } from './connect-markup.ts';
import { connectScript } from './connect-script.ts';
import { connectStyle } from './connect-style.ts';

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Mounts the page behind setup links. It is static: to get it begins nothing and uses
 * nothing up, so that whatever opens links before people do changes nothing.
 */
export function mountConnectPage(server: FastifyInstance): void {
  const files = [
    ['/connect', 'text/html', connectMarkup],
    ['/connect/script.js', 'text/javascript', connectScript],
    ['/connect/style.css', 'text/css', connectStyle],
  ] as const;
  for (const [path, type, content] of files) {
    server.get(path, async (_request, reply) => {
      reply.type(`${type}; charset=utf-8`);
      reply.headers({ 'content-security-policy': policy, 'x-frame-options': 'DENY' });
      return content;
    });
  }
}
