import type { AccessRequest, Decision, PolicySet } from '../model.ts';
import { explainAllow, explainBlock, explainDeny, explainMissing } from './because.ts';
import {
  consultAll,
  type Found,
  isKeyAction,
  isTrustAction,
  type Layer,
  type Layers,
} from './consult.ts';
import { type Facts, gatherFacts } from './facts.ts';
import type { PrincipalGrade } from './match-principal.ts';

/**
 * Decides a request the way AWS documents it, and says which statements decided.
 *
 * Within one account an explicit Deny wins, every level of service control policies
 * must allow, and then the resource policy or the caller's own policies; across
 * accounts both sides must allow. A role's trust policy and the policy of a KMS
 * key must allow in any case. Needs nothing but its arguments.
 *
 * @throws Error if the request's principal cannot be one of AWS.
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  const facts = gatherFacts(request, policies);
  const settled = decideByAction(facts);
  if (settled) return settled;
  const layers = consultAll(facts, policies);
  const denying = denyingLayer(facts, layers);
  if (denying) {
    return {
      decision: 'explicit_deny',
      because: explainDeny(facts, denying),
      deniedBy: denying.type,
      statements: denying.denies.map(cite),
    };
  }
  if (layers.s3.refusedBy !== null) {
    return {
      decision: 'explicit_deny',
      because: explainBlock(facts, layers.s3.refusedBy),
      deniedBy: 'public access block',
      statements: [],
    };
  }
  const needed = neededLayers(facts, layers);
  const missing = needed.find((layer) => layer.allows.length === 0);
  if (missing) {
    const sameAccount = layers.s3.owner === facts.caller.account;
    const instead = sameAccount && missing.type === 'identity-based' ? layers.resource : null;
    return {
      decision: 'implicit_deny',
      because: explainMissing(facts, missing, instead, layers.s3.owner),
      deniedBy: missing.type,
      statements: [],
    };
  }
  const allows = allowsOf(needed, layers.resource);
  return {
    decision: 'allowed',
    because: explainAllow(facts, allows),
    statements: allows.map(cite),
  };
}

/** What AWS decides whatever policies say. https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */
function decideByAction({ action, caller, request }: Facts): Decision | null {
  if (action === 'sts:getcalleridentity') {
    const because = 'AWS answers sts:GetCallerIdentity to every caller, whatever policies say';
    return { decision: 'allowed', because, statements: [] };
  }
  if (action === 'sts:assumerole' && caller.kind === 'root') {
    const because = `"${request.principal}" may not call ${request.action} on "${request.resource}": AWS lets no root user assume a role`;
    return { decision: 'implicit_deny', because, deniedBy: 'role trust', statements: [] };
  }
  return null;
}

/** All that speaks for the request: what was needed, and the resource's policy if it agrees. */
function allowsOf(needed: readonly Layer[], resource: Layer): readonly Found[] {
  const [only] = needed;
  if (needed.length === 1 && only && resource.allows.length === 0) return only.allows;
  const deciding = needed.includes(resource) ? needed : [...needed, resource];
  return deciding.flatMap((layer) => layer.allows);
}

function cite({ policy, statement }: Found): Decision['statements'][number] {
  return { policy: policy.name, sid: statement.sid, effect: statement.effect };
}

/** AWS names one type even if several deny: the one furthest from the caller's own reach. */
function denyingLayer(facts: Facts, layers: Layers): Layer | undefined {
  const { resourceControl, endpoint, resource, identity, boundary, session } = layers;
  for (const level of layers.serviceControl) if (level.denies.length > 0) return level;
  if (resourceControl.denies.length > 0) return resourceControl;
  if (endpoint.denies.length > 0) return endpoint;
  if (resource.denies.length > 0 && !isRootRepair(facts)) return resource;
  return [identity, boundary, session].find((layer) => layer.denies.length > 0);
}

/** A bucket policy cannot lock out the root user of the bucket's account from the policy itself. */
function isRootRepair({ caller, request }: Facts): boolean {
  return (
    caller.kind === 'root' &&
    caller.account === request.resourceAccount &&
    /^s3:(get|put|delete)bucketpolicy$/i.test(request.action)
  );
}

/** The layers that must all allow, in the order in which their absence is reported. */
export function neededLayers(facts: Facts, layers: Layers): readonly Layer[] {
  const { caller } = facts;
  const { resource, endpoint, boundary, session } = layers;
  const needed = layers.serviceControl.slice();
  if (endpoint.attached) needed.push(endpoint);
  const crossing = caller.account !== layers.s3.owner;
  const grade = crossing ? null : closestGrade(resource);
  if (!crossing && grade !== 'direct' && grade !== 'role' && resourceMustAllow(facts)) {
    needed.push(resource);
  }
  if (caller.account !== null && grade !== 'direct') {
    // Nothing can be attached to the root user: within its account it may do everything.
    if (caller.kind !== 'root' && grade !== 'role') needed.push(layers.identity);
    if (boundary.attached) needed.push(boundary);
    if (session.attached) needed.push(session);
  }
  if (crossing) needed.push(consentOf(layers));
  return needed;
}

/** How the resource's policy names a caller of its own account. */
function closestGrade({ allows }: Layer): PrincipalGrade | null {
  if (allows.length === 0) return null;
  const grades = ['direct', 'role', 'account'] as const;
  return grades.find((grade) => allows.some((found) => found.grade === grade)) ?? null;
}

/**
 * Who speaks for the resource: its policy, or an access control list. A list names accounts
 * and groups and never a user, so between accounts it replaces no policy of the caller's.
 */
function consentOf({ resource, acl, s3 }: Layers): Layer {
  if (s3.ownerIsOther) return acl;
  return resource.allows.length === 0 && acl.allows.length > 0 ? acl : resource;
}

function resourceMustAllow({ request, action }: Facts): boolean {
  return isTrustAction(action) || isKeyAction(request);
}
