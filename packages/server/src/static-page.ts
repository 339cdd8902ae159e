import type { FastifyInstance } from 'fastify';

/** A page that is the same for everyone: what it shows of anybody comes by its scripts, with a token. */
export interface StaticPage {
  readonly markup: string;
  /** By the name of the file. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly style: string;
}

/** Nothing inline, nothing from elsewhere, no text that becomes markup, in nobody's frame. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Mounts a page, with its scripts and style below it. To get it begins nothing and uses nothing up. */
export function mountStaticPage(server: FastifyInstance, path: string, page: StaticPage): void {
  const files = [
    [path, 'text/html', page.markup],
    [`${path}/style.css`, 'text/css', page.style],
    ...Object.entries(page.scripts).map(
      ([name, script]) => [`${path}/${name}`, 'text/javascript', script] as const,
    ),
  ] as const;
  for (const [url, type, content] of files) {
    server.get(url, async (_request, reply) => {
      reply.type(`${type}; charset=utf-8`);
      reply.headers({ 'content-security-policy': policy, 'x-frame-options': 'DENY' });
      return content;
    });
  }
}
