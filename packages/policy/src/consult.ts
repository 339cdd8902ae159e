import type { Facts } from './facts.ts';
import type { PrincipalGrade } from './match-principal.ts';
import { matchStatement, type StatementMatch } from './match-statement.ts';
import type { Policy, PolicySet, PolicyType, Statement } from './model.ts';

/** A statement that applies to the request, and where it stands. */
export interface Found {
  readonly policy: Policy;
  readonly statement: Statement;
  /** Position in the policy, from 1, for statements without a Sid. */
  readonly ordinal: number;
  readonly grade: PrincipalGrade;
}

/** The Allow that came closest to applying, and what kept it from it. */
export interface NearMiss extends Omit<Found, 'grade'> {
  readonly match: Extract<StatementMatch, { applies: false }>;
}

/** What all policies of one type, or of one level of an organization, say to a request. */
export interface Layer {
  readonly type: PolicyType;
  /** False if there is no policy of this type: then it asks for nothing. */
  readonly attached: boolean;
  readonly allows: readonly Found[];
  readonly denies: readonly Found[];
  readonly nearMiss: NearMiss | null;
  /** Which level of the organization, from 1. */
  readonly level?: number;
}

/** Every policy of a request, by what it may decide. */
export interface Layers {
  readonly serviceControl: readonly Layer[];
  readonly resourceControl: Layer;
  readonly resource: Layer;
  readonly identity: Layer;
  readonly boundary: Layer;
  readonly session: Layer;
}

/** Asks each policy that applies to the caller and the resource. */
export function consultAll(facts: Facts, policies: PolicySet): Layers {
  // Callers outside of any account have no policies of their own.
  const own = facts.caller.account !== null;
  const list = (policy: Policy | null | undefined) => (policy ? [policy] : []);
  const ask = (type: PolicyType, asked: readonly Policy[] | undefined) =>
    consult(type, asked ?? [], facts);
  const levels = own ? (policies.serviceControlPolicies ?? []) : [];
  return {
    serviceControl: levels.map((level, index) => ({
      ...ask('service control', level),
      attached: true,
      level: index + 1,
    })),
    resourceControl: ask('resource control', policies.resourceControlPolicies?.flat()),
    resource: ask(
      isTrustAction(facts.request.action) ? 'role trust' : 'resource-based',
      list(policies.resourcePolicy),
    ),
    identity: ask('identity-based', own ? policies.identityPolicies : []),
    boundary: ask('permissions boundary', own ? list(policies.permissionsBoundary) : []),
    session: ask('session', own ? policies.sessionPolicies : []),
  };
}

/** Whether the action is decided by a role's trust policy. */
export function isTrustAction(action: string): boolean {
  return /^sts:(assumerole(withsaml|withwebidentity)?|tagsession|setsourceidentity)$/i.test(action);
}

function consult(type: PolicyType, policies: readonly Policy[], facts: Facts): Layer {
  // A resource control policy names everyone, so there is nothing to compare.
  const namesPrincipals = type === 'resource-based' || type === 'role trust';
  const allows: Found[] = [];
  const denies: Found[] = [];
  let nearMiss: NearMiss | null = null;
  for (const policy of policies) {
    for (const [index, statement] of policy.statements.entries()) {
      const found = { policy, statement, ordinal: index + 1 };
      const match = matchStatement(statement, policy.version, facts, namesPrincipals);
      if (match.applies) {
        (statement.effect === 'Deny' ? denies : allows).push({ ...found, grade: match.grade });
      } else if (statement.effect === 'Allow') {
        const miss: NearMiss = { ...found, match };
        if (!nearMiss || closeness(miss) > closeness(nearMiss)) nearMiss = miss;
      }
    }
  }
  return { type, attached: policies.length > 0, allows, denies, nearMiss };
}

/** The elements in the order in which they are matched: the later it failed, the closer it was. */
function closeness(miss: NearMiss): number {
  return ['action', 'resource', 'principal', 'condition'].indexOf(miss.match.failed);
}
