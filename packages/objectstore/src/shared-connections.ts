import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { GuardedAgents } from './endpoints/guarded-agents.ts';

export interface SharedConnections {
  readonly agents: GuardedAgents;
  /** Closes those that are idle, once nobody else has a part in them. */
  leave(): void;
}

interface Shared {
  readonly agents: GuardedAgents;
  users: number;
}

const byEndpoint = new Map<string, Shared>();

/**
 * Connections to a store that keeps all buckets under one name, for all who write there at the
 * time: a run to hundreds of customers opens a few dozen, where each would open its own. They
 * carry no rights, since every request is signed by itself. AWS has a name for each bucket, and so
 * nothing to share.
 */
export function shareConnections(endpoint: string): SharedConnections {
  const shared = byEndpoint.get(endpoint) ?? { agents: newAgents(), users: 0 };
  byEndpoint.set(endpoint, shared);
  shared.users++;
  let isIn = true;
  return {
    agents: shared.agents,
    leave() {
      if (!isIn) return;
      isIn = false;
      shared.users--;
      if (shared.users > 0) return;
      byEndpoint.delete(endpoint);
      shared.agents.httpAgent.destroy();
      shared.agents.httpsAgent.destroy();
    },
  };
}

/** How much goes on at once is limited for each bucket. */
function newAgents(): GuardedAgents {
  const options = { keepAlive: true };
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}
