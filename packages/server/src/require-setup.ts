import { CausewayError, type OperationMeta } from '@causeway/contract';
import type { SetupSession } from '@causeway/store';

/**
 * Lets a setup session do what the contract says is for setting up, with its own
 * connection. Whether another one exists makes no difference to the answer.
 *
 * @throws CausewayError `not_for_setup`.
 */
export function requireSetup(
  operation: { readonly path: readonly string[]; readonly meta: OperationMeta },
  input: unknown,
  session: SetupSession,
): void {
  const { setup, open } = operation.meta;
  if (open || setup === 'session') return;
  if (setup === 'connection' && idOf(input) === session.connectionId) return;
  throw new CausewayError('not_for_setup', { operation: operation.path.join('.') });
}

/** The input was not held against its schema yet. */
function idOf(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return undefined;
  if ('id' in input) return input.id;
  return 'params' in input ? idOf(input.params) : undefined;
}
