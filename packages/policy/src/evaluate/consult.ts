import type { AccessRequest, Policy, PolicySet, PolicyType, Statement } from '../model.ts';
import type { Facts } from './facts.ts';
import { isUsableAcrossAccounts } from './kms-access.ts';
import type { PrincipalGrade } from './match-principal.ts';
import { matchStatement, type StatementMatch } from './match-statement.ts';
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
  /** Why no Allow of it counts, whatever it says. */
  readonly ineffective?: string;
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
  const s3 = readS3Access(facts, policies);
  return {
    s3,
    acl: s3.hasAcl ? consultAcl(s3) : silence['access control list'],
    serviceControl: own ? consultLevels(policies.serviceControlPolicies, facts) : [],
    resourceControl: consultResourceControl(policies.resourceControlPolicies, facts),
    endpoint: consult('VPC endpoint', policies.vpcEndpointPolicies, facts),
    resource: consultResource(policies.resourcePolicy, facts, s3),
    identity: consult('identity-based', own ? policies.identityPolicies : [], facts),
    boundary: consultOne('permissions boundary', own ? policies.permissionsBoundary : null, facts),
    session: consult('session', own ? policies.sessionPolicies : [], facts),
  };
}

function consultLevels(levels: PolicySet['serviceControlPolicies'], facts: Facts): Layer[] {
  if (!levels || isServiceLinked(facts)) return [];
  return levels.map((level, index) => ({
    ...consult('service control', level, facts),
    attached: true,
    level: index + 1,
  }));
}

function consultResourceControl(levels: PolicySet['resourceControlPolicies'], facts: Facts): Layer {
  if (!levels || isServiceLinked(facts)) return silence['resource control'];
  return consult('resource control', levels.flat(), facts);
}

function consultResource(
  policy: Policy | null | undefined,
  facts: Facts,
  { ownerIsOther, owner }: S3Access,
): Layer {
  const type = isTrustAction(facts.action) ? 'role trust' : 'resource-based';
  const layer = consultOne(type, policy, facts);
  if (ownerIsOther) {
    const why = `the object belongs to account ${owner}, so the bucket policy cannot allow it`;
    return { ...layer, allows: [], nearMiss: null, ineffective: why };
  }
  if (!isKeyAction(facts.request) || isUsableAcrossAccounts(facts)) return layer;
  const why = `AWS KMS lets no other account call ${facts.request.action}, whatever the key policy says`;
  return { ...layer, allows: [], nearMiss: null, ineffective: why };
}

/** Whether the action is decided by a role's trust policy. */
export function isTrustAction(action: string): boolean {
  return /^sts:/i.test(action) && trustActions.has(action.toLowerCase());
}

const trustActions: ReadonlySet<string> = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
]);

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
  return caller.roleArn?.includes(':role/aws-service-role/') ?? false;
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

function consultOne(type: PolicyType, policy: Policy | null | undefined, facts: Facts): Layer {
  return policy ? consult(type, [policy], facts) : silence[type];
}

function consult(type: PolicyType, policies: readonly Policy[] | undefined, facts: Facts): Layer {
  if (policies === undefined || policies.length === 0) return silence[type];
  const named = namesPrincipals(type);
  const allows: Found[] = [];
  const denies: Found[] = [];
  let nearMiss: NearMiss | null = null;
  for (const policy of policies) {
    let ordinal = 0;
    for (const statement of policy.statements) {
      ordinal++;
      const match = matchStatement(statement, policy.version, facts, named);
      if (match.applies) {
        const found = { policy, statement, ordinal, grade: match.grade };
        (statement.effect === 'Deny' ? denies : allows).push(found);
      } else if (statement.effect === 'Allow' && closeness(match) > closeness(nearMiss?.match)) {
        nearMiss = { policy, statement, ordinal, match };
      }
    }
  }
  return { type, attached: true, allows, denies, nearMiss };
}

/**
 * Whether statements of this type of policy say to whom they apply. One of a resource
 * control policy names everyone, so there is nothing to compare.
 */
export function namesPrincipals(type: PolicyType): boolean {
  return type === 'resource-based' || type === 'role trust' || type === 'VPC endpoint';
}

const nothing = { attached: false, allows: [], denies: [], nearMiss: null } as const;

const silence: Readonly<Record<PolicyType, Layer>> = {
  'identity-based': { type: 'identity-based', ...nothing },
  'resource-based': { type: 'resource-based', ...nothing },
  session: { type: 'session', ...nothing },
  'permissions boundary': { type: 'permissions boundary', ...nothing },
  'service control': { type: 'service control', ...nothing },
  'resource control': { type: 'resource control', ...nothing },
  'role trust': { type: 'role trust', ...nothing },
  'VPC endpoint': { type: 'VPC endpoint', ...nothing },
  'public access block': { type: 'public access block', ...nothing },
  'access control list': { type: 'access control list', ...nothing },
};

/** The elements in the order in which they are matched: the later it failed, the closer it was. */
function closeness(match: NearMiss['match'] | undefined): number {
  return match ? elements[match.failed] : -1;
}

const elements = { action: 0, resource: 1, principal: 2, condition: 3 } as const;
