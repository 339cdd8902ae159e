import type { Facts } from './facts.ts';
import type { PrincipalGrade } from './match-principal.ts';
import { matchStatement, type StatementMatch } from './match-statement.ts';
import type { AccessRequest, Policy, PolicySet, PolicyType, Statement } from './model.ts';
import { readS3Access, type S3Access } from './s3-access.ts';

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
  readonly endpoint: Layer;
  /** The grants of an access control list, as if each were a statement. */
  readonly acl: Layer;
  readonly s3: S3Access;
}

/** Asks each policy that applies to the caller and the resource. */
export function consultAll(facts: Facts, policies: PolicySet): Layers {
  // Callers outside of any account have no policies of their own.
  const own = facts.caller.account !== null;
  const list = (policy: Policy | null | undefined) => (policy ? [policy] : []);
  const ask = (type: PolicyType, asked: readonly Policy[] | undefined) =>
    consult(type, asked ?? [], facts);
  // AWS's own roles in an account are not bound by its organization.
  const bound = !isServiceLinked(facts);
  const levels = own && bound ? (policies.serviceControlPolicies ?? []) : [];
  const s3 = readS3Access(facts, policies);
  const resource = ask(
    isTrustAction(facts.request.action) ? 'role trust' : 'resource-based',
    list(policies.resourcePolicy),
  );
  return {
    s3,
    acl: consultAcl(s3),
    serviceControl: levels.map((level, index) => ({
      ...ask('service control', level),
      attached: true,
      level: index + 1,
    })),
    resourceControl: ask(
      'resource control',
      bound ? policies.resourceControlPolicies?.flat() : undefined,
    ),
    endpoint: ask('VPC endpoint', policies.vpcEndpointPolicies),
    resource: s3.ownerIsOther ? { ...resource, allows: [], nearMiss: null } : resource,
    identity: ask('identity-based', own ? policies.identityPolicies : []),
    boundary: ask('permissions boundary', own ? list(policies.permissionsBoundary) : []),
    session: ask('session', own ? policies.sessionPolicies : []),
  };
}

/** Whether the action is decided by a role's trust policy. */
export function isTrustAction(action: string): boolean {
  return /^sts:(assumerole(withsaml|withwebidentity)?|tagsession|setsourceidentity)$/i.test(action);
}

/** Whether the action is decided by the policy of a KMS key. */
export function isKeyAction({ action, resource }: AccessRequest): boolean {
  return /^kms:/i.test(action) && /^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(resource);
}

/**
 * Service-linked roles, which AWS alone can make and assume, are out of the reach of both kinds of control policies.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps
 */
function isServiceLinked({ caller }: Facts): boolean {
  return /:role\/aws-service-role\//.test(caller.roleArn ?? '');
}

/** What a citation of an access control list names in place of a policy. */
export const aclName = 'access control list';

function consultAcl({ hasAcl, grants }: S3Access): Layer {
  const policy: Policy = { name: aclName, version: '2012-10-17', statements: [] };
  const allows = grants.map((grant, index): Found => {
    const action = { not: false, patterns: [grant.permission] };
    const statement: Statement = { sid: null, effect: 'Allow', action, conditions: [] };
    return { policy, statement, ordinal: index + 1, grade: 'account' };
  });
  return { type: 'access control list', attached: hasAcl, allows, denies: [], nearMiss: null };
}

function consult(type: PolicyType, policies: readonly Policy[], facts: Facts): Layer {
  // A resource control policy names everyone, so there is nothing to compare.
  const namesPrincipals = ['resource-based', 'role trust', 'VPC endpoint'].includes(type);
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
