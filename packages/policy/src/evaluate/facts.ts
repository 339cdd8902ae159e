import type { AccessRequest, PolicySet } from '../model.ts';
import { type Arn, readArn } from './arn.ts';
import { type Caller, readCaller } from './caller.ts';
import type { ContextKeys } from './policy-variables.ts';
import { RequestContext } from './request-context.ts';

/** A request as the matching functions need it, worked out once. */
export interface Facts {
  readonly request: AccessRequest;
  readonly caller: Caller;
  /** The action in lower case, since the case of its letters does not matter. */
  readonly action: string;
  /** Null for a resource that is no ARN. */
  readonly resourceArn: Arn | null;
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
    resourceArn: readArn(request.resource),
    context: new RequestContext(request, caller),
    bounded: Boolean(policies.permissionsBoundary),
  };
}
