import { CausewayError, type Connection } from '@causeway/contract';
import type { EndpointRules, GuardedAgents } from '@causeway/objectstore';

export interface ReachDeps {
  /** Points every AWS client elsewhere. */
  readonly endpoint?: string;
  /** Which other stores may be spoken to; none without. */
  readonly endpoints?: EndpointRules;
}

/** Where a bucket's store answers. */
export interface StoreReach {
  readonly endpoint?: string;
  /** How connections to a store that customers named are opened. */
  readonly agents?: GuardedAgents;
}

/** Whether it is a store of the customer's choice, and not AWS. */
export function isElsewhere(connection: Connection): boolean {
  return connection.access === 'access_key' && connection.endpoint !== null;
}

/**
 * Where the store of a connection is reached. An endpoint that a customer named is held
 * against the operator's list each time: it may have been taken off since.
 *
 * @throws CausewayError `endpoint_not_allowed`.
 */
export function reachOf(connection: Connection, { endpoint, endpoints }: ReachDeps): StoreReach {
  if (connection.access !== 'access_key' || connection.endpoint === null) {
    return endpoint === undefined ? {} : { endpoint };
  }
  return {
    endpoint: connection.endpoint,
    agents: requireRules(connection.endpoint, endpoints).agents(connection.endpoint),
  };
}

/** @throws CausewayError `endpoint_not_allowed` when no endpoints are. */
export function requireRules(endpoint: string, rules: EndpointRules | undefined): EndpointRules {
  if (rules) return rules;
  const reason = 'CAUSEWAY_ALLOWED_ENDPOINTS names none';
  throw new CausewayError('endpoint_not_allowed', { endpoint: endpoint.slice(0, 200), reason });
}
