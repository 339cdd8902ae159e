import type { Decision, PolicyType } from '@causeway/policy';
import type { Demand } from './authorize.ts';
import type { Caller } from './caller.ts';

/**
 * AWS's sentence about a refusal: who, what, on what, and the type of policy that settled it.
 *
 * @param resource as the service writes it: S3 in quotes, the others without.
 * @param explained whether AWS says why: within an account it does, across accounts it does not.
 */
export function denialMessage(
  caller: Caller,
  demand: Demand,
  decision: Decision,
  resource: string,
  explained: boolean,
): string {
  const start = `User: ${caller.arn} is not authorized to perform: ${demand.action} on resource: ${resource}`;
  return explained ? `${start} ${reason(demand.action, decision)}` : start;
}

function reason(action: string, decision: Decision): string {
  const type = wordFor(decision.deniedBy ?? 'identity-based');
  if (type === 'public access block') {
    return 'because public access control lists (ACLs) are blocked by the BlockPublicAcls block public access setting.';
  }
  // AWS says "policy" after every type but this one, whose name is complete without.
  const policy = type === 'permissions boundary' ? type : `${type} policy`;
  if (decision.decision === 'explicit_deny') {
    const article = type === 'identity-based' ? 'an' : type === 'role trust' ? 'the' : 'a';
    return `with an explicit deny in ${article} ${policy}`;
  }
  return `because no ${policy} allows the ${action} action`;
}

/** AWS has no word of its own for a list: to it that is what a resource says, too. */
function wordFor(type: PolicyType): PolicyType {
  return type === 'access control list' ? 'resource-based' : type;
}
