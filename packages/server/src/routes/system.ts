import type { PublicKeySet } from '@causeway/contract';
import { version } from '../version.ts';
import { api } from './implementer.ts';

export interface SystemRoutesDeps {
  readonly publicKeys: PublicKeySet;
  /** Rejects when the database does not answer. */
  readonly ping: () => Promise<void>;
}

export function systemRoutes({ publicKeys, ping }: SystemRoutesDeps) {
  return {
    health: api.system.health.handler(async () => {
      await ping();
      return { status: 'ok' as const, version };
    }),
    keys: api.system.keys.handler(() => publicKeys),
  };
}
