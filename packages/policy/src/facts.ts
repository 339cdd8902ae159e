import { type ArnParts, splitArn } from './arn.ts';
import { type Caller, readCaller } from './caller.ts';
import type { AccessRequest, PolicySet } from './model.ts';
import type { ContextKeys } from './policy-variables.ts';
import { RequestContext } from './request-context.ts';

/** A request as the matching functions need it, worked out once. */
export interface Facts {
  readonly request: AccessRequest;
  readonly caller: Caller;
  /** The action in lower case, since the case of its letters does not matter. */
  readonly action: string;
  /** Null for a resource that is no ARN. */
  readonly resourceParts: ArnParts | null;
  readonly context: ContextKeys;
  /** Whether the caller has a permissions boundary, which `NotPrincipal` treats in its own way. */
  readonly bounded: boolean;
}

/** @throws Error if the principal is none of AWS: whoever makes a request must know who asks. */
export function gatherFacts(request: AccessRequest, policies: PolicySet): Facts {
  const caller = readCaller(request);
  if (!caller) {
    throw new Error(`Cannot evaluate the request: "${request.principal}" is no principal of AWS`);
  }
  return {
    request,
    caller,
    action: request.action.toLowerCase(),
    resourceParts: splitArn(request.resource),
    context: new RequestContext(() => gatherContext(request, caller)),
    bounded: Boolean(policies.permissionsBoundary),
  };
}

function gatherContext(
  request: AccessRequest,
  caller: Caller,
): Map<string, string | readonly string[]> {
  const keys = new Map<string, string | readonly string[]>(impliedKeys(request, caller));
  for (const key of Object.keys(request.context)) {
    const value = request.context[key];
    if (value !== undefined) keys.set(key.toLowerCase(), value);
  }
  return keys;
}

const principalTypes = {
  anonymous: 'Anonymous',
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const;

function impliedKeys(request: AccessRequest, caller: Caller): [string, string][] {
  const keys: [string, string][] = [
    ['aws:resourceaccount', request.resourceAccount],
    ['s3:resourceaccount', request.resourceAccount],
  ];
  const isService = caller.arn.endsWith('.amazonaws.com');
  if (caller.kind !== 'anonymous') keys.push(['aws:principalisawsservice', String(isService)]);
  if (caller.kind === 'named') return keys;
  keys.push(['aws:principalaccount', caller.account ?? 'anonymous']);
  keys.push(['aws:principaltype', principalTypes[caller.kind]]);
  if (caller.kind === 'anonymous') return keys;
  keys.push(['aws:principalarn', caller.roleArn ?? caller.arn]);
  if (/^kms:/i.test(request.action)) keys.push(['kms:calleraccount', caller.account ?? '']);
  if (caller.kind === 'user') keys.push(['aws:username', caller.arn.split('/').at(-1) ?? '']);
  return keys;
}
