import type { CheckReport, CheckStepId, ConnectionStatus } from '@causeway/contract';

/**
 * The status that a connection has after a check, which depends on the one before: what
 * was active and cannot be entered any more is `revoked`, and what a person has paused
 * stays so, whatever was found.
 *
 * While both sides have something to mend, it is the operator's turn: what the customer
 * sees may come from there.
 */
export function statusAfter(report: CheckReport, before: ConnectionStatus): ConnectionStatus {
  if (before === 'paused') return 'paused';
  if (report.outcome === 'healthy') return 'active';
  if (report.outcome === 'insecure') return 'insecure';
  const failed = report.steps.filter(({ verdict }) => verdict === 'failed');
  if (failed.some(({ side }) => side !== 'customer')) return 'failing';
  const isShutOut = failed.some(({ id }) => entrySteps.has(id));
  if (isShutOut && (before === 'active' || before === 'revoked')) return 'revoked';
  return 'needs_customer';
}

/** Steps that get credentials: without them the customer does not let us in at all. */
const entrySteps: ReadonlySet<CheckStepId> = new Set([
  'role.assume',
  'web_identity.assume',
  'key.valid',
]);
