import { CausewayError, type PublicKeySet } from '@causeway/contract';
import type { Log } from '../log.ts';
import { version } from '../version.ts';
import { api } from './implementer.ts';

export interface SystemRoutesDeps {
  readonly publicKeys: PublicKeySet;
  /** Rejects when the database does not answer. */
  readonly ping: () => Promise<void>;
  readonly log: Log;
}

export function systemRoutes({ publicKeys, ping, log }: SystemRoutesDeps) {
  return {
    health: api.system.health.handler(async () => {
      await ping().catch((error: unknown) => {
        log({ level: 'error', event: 'health:failed', error });
        // Who asks has no key: which server it is and why is for the log.
        const details = { server: 'its server', reason: 'there is no answer' };
        throw new CausewayError('database_unreachable', details, { cause: error });
      });
      return { status: 'ok' as const, version };
    }),
    keys: api.system.keys.handler(() => publicKeys),
  };
}
