import type { TokenIssuer } from '@causeway/connections';
import { api } from './implementer.ts';

export function issuerRoutes(issuer: TokenIssuer) {
  return {
    get: api.issuer.get.handler(() => issuer.state()),
    rotate: api.issuer.rotate.handler(({ input }) => issuer.rotate(input)),
  };
}
