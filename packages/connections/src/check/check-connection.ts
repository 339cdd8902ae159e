import {
  type CauseCode,
  CausewayError,
  type CheckReport,
  type CheckStep,
  type CheckStepId,
  formatLocation,
  type PlacedConnection,
  parseLocation,
} from '@causeway/contract';
import type { Operator } from '../operator.ts';
import { isOwnAccount } from '../operator-without-account.ts';
import { accessStepsOf } from './access-steps.ts';
import { bucketSteps } from './bucket-steps.ts';
import type { AccessSteps, CheckContext, CheckStepDefinition, Finding } from './check-context.ts';
import type { CheckDeps } from './check-deps.ts';
import { newContext } from './new-context.ts';
import { objectSteps } from './object-steps.ts';
import { runSteps } from './run-steps.ts';

/**
 * Proves that a connection works and is no wider than needed, by using it: get
 * credentials, be refused without what makes them ours, find the bucket, list, start
 * and abort an upload, be refused outside the prefix. It leaves nothing behind and
 * is safe to repeat. Steps that do not need each other are taken side by side.
 *
 * A fault in the setup is an answer, not an accident: it is returned as a failed step and
 * never thrown.
 *
 * @throws CausewayError `store_unavailable` when AWS cannot be reached, which says
 * nothing about the customer's setup.
 */
export async function checkConnection(
  connection: PlacedConnection,
  deps: CheckDeps,
): Promise<CheckReport> {
  const checkedAt = (deps.now?.() ?? new Date()).toISOString();
  const begin = performance.now();
  const access = accessStepsOf(connection.access);
  const definitions = stepsFor(connection, deps.operator, access);
  const halted = new AbortController();
  const signal = deps.signal ? AbortSignal.any([deps.signal, halted.signal]) : halted.signal;
  const { context, close } = newContext(connection, access, { ...deps, signal });
  try {
    const found = await runSteps(definitions, context, access.session, (reason) =>
      halted.abort(reason),
    );
    const steps = connection.owner === 'operator' ? found.map(forOperator) : found;
    return {
      connectionId: connection.id,
      outcome: outcomeOf(steps, definitions),
      checkedAt,
      durationMs: Math.round(performance.now() - begin),
      ...(context.region !== undefined && { region: context.region }),
      ...(context.storeCapabilities && { storeCapabilities: context.storeCapabilities }),
      steps,
    };
  } finally {
    close();
  }
}

/** The steps that a connection has, common ones and those of its access. */
export function stepsFor(
  connection: PlacedConnection,
  operator: Operator,
  access: AccessSteps = accessStepsOf(connection.access),
): readonly CheckStepDefinition[] {
  const all = [parseStep, ...access.steps, ...bucketSteps, ...objectSteps];
  return all.filter(({ appliesTo }) => appliesTo?.(connection, operator) ?? true);
}

/** In a bucket of the operator's, what is otherwise the customer's to mend is the operator's. */
function forOperator(step: CheckStep): CheckStep {
  return step.side === 'customer' ? { ...step, side: 'operator' } : step;
}

function outcomeOf(
  steps: readonly CheckStep[],
  definitions: readonly CheckStepDefinition[],
): CheckReport['outcome'] {
  const failed = steps.filter(({ verdict }) => verdict === 'failed');
  if (failed.length === 0) return 'healthy';
  const letIn = new Set(failed.filter(saysMore).map(({ id }) => id));
  return definitions.some(provesInsecure(letIn)) ? 'insecure' : 'failing';
}

function provesInsecure(letIn: ReadonlySet<CheckStepId>) {
  return ({ id, provesRefusal }: CheckStepDefinition) => provesRefusal === true && letIn.has(id);
}

/** Whether a failed proof of a refusal shows that somebody is let in, and not only that it could not be made. */
function saysMore({ cause = '' }: CheckStep): boolean {
  return !noProof.has(cause);
}

const noProof: ReadonlySet<string> = new Set<CauseCode>([
  'refusal_not_provable',
  'issuer_not_usable',
  'managed_not_readable',
  'managed_bucket_missing',
  'endpoint_not_found',
]);

const parseStep: CheckStepDefinition = {
  id: 'parse',
  title: 'The connection is well formed',
  after: [],
  run: parse,
};

async function parse(context: CheckContext): Promise<Finding> {
  const { connection, deps } = context;
  try {
    parseLocation(formatLocation(connection));
  } catch (error) {
    if (!CausewayError.is(error)) throw error;
    return { verdict: 'failed', side: 'operator', cause: error.code, message: error.message };
  }
  const { owner, accountId } = connection;
  if (owner === 'customer' && accountId !== null && isOwnAccount(accountId, deps.operator)) {
    const refusal = new CausewayError('account_not_allowed', { accountId });
    return { verdict: 'failed', side: 'operator', cause: refusal.code, message: refusal.message };
  }
  return {
    verdict: 'passed',
    message: `${formatLocation(connection)} by ${context.principal.arn || context.principal.noun}`,
  };
}
