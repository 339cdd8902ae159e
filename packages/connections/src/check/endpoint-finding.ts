import { CausewayError, causeOf, type PlacedConnection } from '@causeway/contract';
import type { Finding } from './check-context.ts';
import { signalOf } from './signals.ts';

/**
 * A store at an endpoint of its own that has no address, or shows another's certificate, is
 * a fault of the connection. Of AWS the same means that our network is down, which says
 * nothing about the customer's setup: null, as for every other failure to get an answer.
 */
export function endpointFinding(connection: PlacedConnection, error: unknown): Finding | null {
  if (connection.access !== 'access_key' || connection.endpoint === null) return null;
  if (!CausewayError.is(error, 'store_unavailable')) return null;
  const code = codeOf(error.cause);
  const signal = code === null ? null : signalOf(code, '', connection.access);
  if (code === null || !signal) return null;
  const { operation, reason } = error.details;
  return {
    verdict: 'failed',
    side: causeOf(signal.cause).side,
    cause: signal.cause,
    message: `The store at ${connection.endpoint} cannot be reached: ${reason}`,
    fix: signal.fix,
    evidence: { operation, code },
  };
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
