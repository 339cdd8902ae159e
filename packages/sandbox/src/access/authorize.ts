import { type Decision, evaluate, type Policy } from '@causeway/policy';
import type { Incoming } from '../http/incoming.ts';
import type { Claim } from '../sigv4/claim.ts';
import type { Caller } from './caller.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One thing that a request must be allowed to do. */
export interface Demand {
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly resourcePolicy?: Policy | null;
  /** Keys of this action; those of every request are added. */
  readonly context?: Context;
}

/** Decides whether `caller` may do what is demanded, by every policy that applies. */
export function authorize(caller: Caller, demand: Demand, requestContext: Context): Decision {
  return evaluate(
    {
      principal: caller.arn,
      action: demand.action,
      resource: demand.resource,
      resourceAccount: demand.resourceAccount,
      context: { ...requestContext, ...demand.context },
    },
    {
      identityPolicies: caller.identityPolicies,
      sessionPolicies: caller.sessionPolicies,
      permissionsBoundary: caller.boundary,
      resourcePolicy: demand.resourcePolicy ?? null,
    },
  );
}

const principalTypes = {
  anonymous: 'Anonymous',
  root: 'Account',
  user: 'User',
  session: 'AssumedRole',
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
    'aws:PrincipalAccount': caller.accountId ?? 'anonymous',
    'aws:PrincipalType': principalTypes[caller.kind],
    'aws:userid': caller.userId,
    ...(claim && { 'aws:RequestedRegion': claim.region }),
    ...(caller.kind !== 'anonymous' && { 'aws:PrincipalArn': caller.principalArn }),
    ...(caller.kind === 'user' && { 'aws:username': caller.arn.split('/').at(-1) ?? '' }),
    ...(caller.tokenIssuedAt && { 'aws:TokenIssueTime': caller.tokenIssuedAt }),
    ...headerKeys(incoming),
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
