import type { Decision } from '@causeway/policy';
import type { AwsError } from '../http/aws-error.ts';
import type { Claim } from '../sigv4/claim.ts';
import type { Call, World } from '../world.ts';
import { authorize, type Demand, requestContext } from './authorize.ts';
import type { Caller } from './caller.ts';

interface Asking {
  readonly call: Call;
  readonly caller: Caller;
  readonly world: World;
}

/**
 * Decides a demand and records the decision, for the services beside S3.
 *
 * @param refuse says it in the service's words; `explained` is whether AWS says why, which it
 * does within an account and not across accounts.
 * @throws AwsError what `refuse` makes of a refusal.
 */
export function mustBeAllowed(
  { call, caller, world }: Asking,
  demand: Demand,
  claim: Claim | null,
  refuse: (decision: Decision, explained: boolean) => AwsError,
): void {
  const context = requestContext(call.incoming, caller, claim, {
    now: world.now(),
    secureTransport: call.incoming.tlsVersion !== null,
  });
  const decision = authorize(caller, demand, context, world.organization);
  Object.assign(call.record, { resource: demand.resource, ...decision });
  if (decision.decision === 'allowed') return;
  throw refuse(decision, demand.resourceAccount === caller.accountId);
}
