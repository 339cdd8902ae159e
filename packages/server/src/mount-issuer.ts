import type { TokenIssuer } from '@causeway/connections';
import type { FastifyInstance } from 'fastify';

/** Short against the day for which a new key is published before it signs. */
const cacheControl = 'public, max-age=300';

/**
 * Mounts what AWS reads of an OpenID Connect issuer: two documents that are open to
 * everybody, hold public keys only and may be cached on their way.
 */
export function mountIssuer(server: FastifyInstance, issuer: TokenIssuer): void {
  const documents = {
    '/.well-known/openid-configuration': async () => issuer.discovery,
    '/.well-known/jwks.json': () => issuer.publicKeys(),
  } as const;
  for (const [path, load] of Object.entries(documents)) {
    server.get(path, async (_request, reply) => {
      const document = JSON.stringify(await load());
      reply.headers({
        'cache-control': cacheControl,
        'cross-origin-resource-policy': 'cross-origin',
      });
      return reply.type('application/json').send(document);
    });
  }
}
