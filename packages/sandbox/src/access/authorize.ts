import { type Decision, evaluate, type Policy, type S3Settings } from '@causeway/policy';
import type { Incoming } from '../http/incoming.ts';
import type { Organization } from '../organization/organization.ts';
import type { Claim } from '../sigv4/claim.ts';
import type { Caller } from './caller.ts';
import { canonicalUserId } from './canonical-user-id.ts';
import type { Context } from './context.ts';

/** One thing that a request must be allowed to do. */
export interface Demand {
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly resourcePolicy?: Policy | null;
  /** What S3 decides by beside policies. */
  readonly s3?: S3Settings;
  /** Keys of this action; those of every request are added. */
  readonly context?: Context;
}

/** Decides whether `caller` may do what is demanded, by every policy that applies. */
export function authorize(
  caller: Caller,
  demand: Demand,
  requestContext: Context,
  organization: Organization,
): Decision {
  const member = organization.membershipOf(caller.accountId);
  const owner = organization.membershipOf(demand.resourceAccount);
  return evaluate(
    {
      principal: caller.arn,
      action: demand.action,
      resource: demand.resource,
      resourceAccount: demand.resourceAccount,
      context: {
        ...requestContext,
        ...(member && {
          'aws:PrincipalOrgID': member.organizationId,
          'aws:PrincipalOrgMasterAccount': member.managementAccount,
          'aws:PrincipalOrgPaths': [member.path],
        }),
        ...(owner && {
          'aws:ResourceOrgID': owner.organizationId,
          'aws:ResourceOrgPaths': [owner.path],
        }),
        ...demand.context,
      },
      ...(caller.accountId !== null && { canonicalUserId: canonicalUserId(caller.accountId) }),
    },
    {
      identityPolicies: caller.identityPolicies,
      sessionPolicies: caller.sessionPolicies,
      permissionsBoundary: caller.boundary,
      resourcePolicy: demand.resourcePolicy ?? null,
      serviceControlPolicies: member?.serviceControlPolicies ?? [],
      resourceControlPolicies: isBoundByResourceControl(demand.action)
        ? (owner?.resourceControlPolicies ?? [])
        : [],
      ...(demand.s3 && { s3: demand.s3 }),
    },
  );
}

/**
 * Resource control policies bind the resources of a few services; IAM's are not among them.
 *
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
function isBoundByResourceControl(action: string): boolean {
  return /^(s3|sts|kms|sqs):/i.test(action);
}

const principalTypes = {
  anonymous: 'Anonymous',
  root: 'Account',
  user: 'User',
  session: 'AssumedRole',
  federated_user: 'FederatedUser',
} as const;

/** The condition keys that AWS fills in for every request. */
export function requestContext(
  incoming: Incoming,
  caller: Caller,
  claim: Claim | null,
  settings: { readonly now: Date; readonly secureTransport: boolean },
): Context {
  return {
    'aws:SecureTransport': String(settings.secureTransport),
    'aws:SourceIp': incoming.remoteAddress,
    'aws:CurrentTime': settings.now.toISOString(),
    'aws:EpochTime': String(Math.floor(settings.now.getTime() / 1000)),
    'aws:ViaAWSService': 'false',
    ...(claim && { 'aws:RequestedRegion': claim.region }),
    ...callerKeys(caller),
    ...headerKeys(incoming),
  };
}

function callerKeys(caller: Caller): Context {
  // Whoever comes with a token of an identity provider is of no account and no type yet.
  if (caller.kind === 'web_identity') return caller.context;
  return {
    'aws:PrincipalAccount': caller.accountId ?? 'anonymous',
    'aws:PrincipalType': principalTypes[caller.kind],
    'aws:userid': caller.userId,
    ...(caller.kind !== 'anonymous' && { 'aws:PrincipalArn': caller.principalArn }),
    ...(caller.kind === 'user' && { 'aws:username': caller.arn.split('/').at(-1) ?? '' }),
    ...(caller.tokenIssuedAt && {
      'aws:TokenIssueTime': caller.tokenIssuedAt,
      // Only temporary credentials can say anything about MFA, and here none was ever asked for.
      'aws:MultiFactorAuthPresent': 'false',
    }),
    ...caller.context,
  };
}

function headerKeys({ headers }: Incoming): Context {
  const referer = headers.get('referer');
  const userAgent = headers.get('user-agent');
  return {
    ...(referer !== undefined && { 'aws:Referer': referer }),
    ...(userAgent !== undefined && { 'aws:UserAgent': userAgent }),
  };
}
