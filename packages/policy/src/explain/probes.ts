import { actionInfo, s3ResourceTypes } from '../actions/action-info.ts';
import { splitArn } from '../evaluate/arn.ts';
import { type Caller, readCaller } from '../evaluate/caller.ts';
import { isTrustAction, namesPrincipals } from '../evaluate/consult.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { type Facts, gatherFacts } from '../evaluate/facts.ts';
import { matchStatement } from '../evaluate/match-statement.ts';
import type { AccessRequest, Policy, PolicySet } from '../model.ts';
import { parsePolicy } from '../parse/parse-policy.ts';
import { type Attached, type Attachments, policySetOf } from './attached-documents.ts';

/** A request that differs from another in one way. */
export interface Neighbour {
  readonly what: string;
  readonly request: AccessRequest;
  /** Which side stays as it is: for another caller or another bucket the other side is open. */
  readonly asks: 'everything' | 'resource side' | "caller's side";
  /** Whether it lacks a protection that one of the documents looks at, which need not be the changed one. */
  readonly isUnprotected?: boolean;
}

/**
 * The requests around one, each of which a change made for that one must leave as it was:
 * other callers, other actions, other resources, and the same with less proof.
 */
export function neighboursOf(facts: Facts, attachments: Attachments): Neighbour[] {
  const neighbours = [
    ...otherCallers(facts, attachments),
    ...otherActions(facts, attachments),
    ...otherResources(facts),
    ...namedObjects(facts, attachments),
    ...otherContexts(facts, attachments),
  ];
  if (!isAskedByAws(facts.request)) return neighbours;
  return neighbours.filter(({ request }) => isAskedByAws(request));
}

/** Reading a bucket as if it were an object is something that nobody can ask of S3. */
function isAskedByAws({ action, resource }: AccessRequest): boolean {
  const types = s3ResourceTypes(resource);
  const info = actionInfo(action);
  return (
    info === null || types.length === 0 || info.resourceTypes.some((type) => types.includes(type))
  );
}

/** Whether a neighbour is allowed, with every policy as it is attached. */
export function decideNeighbour(neighbour: Neighbour, attachments: Attachments) {
  const set = policySetOf(attachments);
  const sides: Record<Neighbour['asks'], () => PolicySet> = {
    everything: () => set,
    'resource side': () => ({
      ...set,
      identityPolicies: [openPolicy],
      sessionPolicies: [],
      permissionsBoundary: null,
    }),
    "caller's side": () => ({ ...set, resourcePolicy: openTo(neighbour.request), s3: {} }),
  };
  return evaluate(neighbour.request, sides[neighbour.asks]()).decision;
}

const openPolicy = parsePolicy(
  { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  { name: 'open', type: 'identity' },
);

/** Consent of the resource that leaves the decision to the caller's own policies, where it has any. */
function openTo(request: AccessRequest): Policy {
  const account = splitArn(request.principal)?.[4];
  const isTrust = isTrustAction(request.action);
  const Principal = /^\d{12}$/.test(account ?? '') ? { AWS: account } : '*';
  const statement = {
    Effect: 'Allow',
    Principal,
    Action: isTrust ? 'sts:*' : '*',
    ...(isTrust ? {} : { Resource: '*' }),
  };
  return parsePolicy(
    { Version: '2012-10-17', Statement: statement },
    { name: 'open', type: isTrust ? 'trust' : 'resource' },
  );
}

function otherCallers({ request, caller }: Facts, attachments: Attachments): Neighbour[] {
  const as = (what: string, principal: string): Neighbour[] => {
    if (principal === caller.arn || principal === caller.roleArn) return [];
    const context = without(request.context, principal === '*' ? anyCaller : thisCaller);
    const { canonicalUserId: _, ...rest } = request;
    return [{ what, request: { ...rest, principal, context }, asks: 'resource side' }];
  };
  const partition = splitArn(caller.arn)?.[1] ?? 'aws';
  const stranger = ['999999999999', '888888888888', '777777777777'].find(
    (account) => account !== caller.account && account !== request.resourceAccount,
  );
  return [
    ...(caller.account === null
      ? []
      : as(
          'another principal of the account, whose own policies allow it',
          siblingOf(caller, `arn:${partition}:iam::${caller.account}`),
        )),
    ...(caller.account === request.resourceAccount
      ? []
      : as(
          "a principal of the resource's account, whose own policies allow it",
          `arn:${partition}:iam::${request.resourceAccount}:user/other`,
        )),
    ...as(
      'a principal of another account, whose own policies allow it',
      `arn:${partition}:iam::${stranger}:user/other`,
    ),
    ...as('an anonymous caller', '*'),
    ...namedCallers(attachments).flatMap((name) =>
      as(`${name}, whose own policies allow it`, name),
    ),
  ];
}

/** Users, roles, services and providers that a document names beside the caller. */
function namedCallers({ documents }: Attachments): readonly string[] {
  const names = documents
    .flatMap(({ policy }) => policy?.statements ?? [])
    .flatMap(({ principal }) =>
      principal ? [...principal.aws, ...principal.service, ...principal.federated] : [],
    )
    .filter((name) => !name.endsWith(':root'))
    .filter((principal) => readCaller({ ...nobody, principal }) !== null && principal !== '*');
  return [...new Set(names)].slice(0, 12);
}

const nobody = { action: '', resource: '', resourceAccount: '', context: {} };

/** What says who the caller is. Another may have the same tags and be of the same organization. */
const thisCaller =
  /^aws:(Principal(Arn|Account|Type|IsAWSService|ServiceName.*)|userid|username|FederatedProvider|TokenIssueTime)$/i;
const anyCaller = /^aws:(Principal.*|userid|username|FederatedProvider|TokenIssueTime)$/i;

function siblingOf(caller: Caller, account: string): string {
  const name = (caller.roleArn ?? caller.arn).split('/').at(-1) ?? '';
  if (caller.kind === 'role') {
    return `${account.replace(':iam:', ':sts:')}:assumed-role/${name}-other/session`;
  }
  return `${account}:user/${caller.kind === 'user' ? `${name}-other` : 'other'}`;
}

const usualActions: Readonly<Record<string, readonly string[]>> = {
  object: [
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:GetObjectVersion',
    's3:PutObjectAcl',
    's3:PutObjectTagging',
    's3:AbortMultipartUpload',
  ],
  bucket: [
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:GetBucketLocation',
    's3:PutBucketPolicy',
    's3:DeleteBucket',
  ],
  sts: ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
  kms: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ScheduleKeyDeletion'],
};

function otherActions({ request }: Facts, { documents }: Attachments): Neighbour[] {
  const own = request.action.toLowerCase();
  const service = own.slice(0, own.indexOf(':'));
  const usual =
    service === 's3'
      ? usualActions[isObject(request.resource) ? 'object' : 'bucket']
      : usualActions[service];
  const named = documents
    .flatMap(({ policy }) => policy?.statements ?? [])
    .flatMap(({ action }) => action.patterns)
    .filter((pattern) => pattern.toLowerCase().startsWith(`${service}:`) && !/[*?]/.test(pattern));
  const others = new Map([...(usual ?? []), ...named].map((name) => [name.toLowerCase(), name]));
  others.delete(own);
  return [...others.values()].slice(0, 24).map((action) => ({
    what: `the action ${action}`,
    request: { ...request, action },
    asks: 'everything',
  }));
}

function isObject(resource: string): boolean {
  return resource.includes('/');
}

function otherResources({ request }: Facts): Neighbour[] {
  const parts = splitArn(request.resource);
  if (!parts) return [];
  const [, partition, service, region, account, rest] = parts;
  const start = `arn:${partition}:${service}:${region}:${account}:`;
  const slash = rest.indexOf('/');
  const to = (what: string, other: string, asks: Neighbour['asks']): Neighbour => ({
    what,
    request: { ...request, resource: `${start}${other}` },
    asks,
  });
  if (service !== 's3')
    return [to('another resource, which lets the account in', `${rest}-other`, "caller's side")];
  if (slash < 0) {
    return [
      to('an object of the bucket', `${rest}/other-key`, 'everything'),
      to('another bucket, which lets the account in', `${rest}-other`, "caller's side"),
    ];
  }
  const bucket = rest.slice(0, slash);
  const key = rest.slice(slash + 1);
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  return [
    to('the bucket itself', bucket, 'everything'),
    to('a key that begins the same', `${rest}-other`, 'everything'),
    to('another key beside it', `${bucket}/${folder}other-key`, 'everything'),
    to('a key in another folder', `${bucket}/other/${key}`, 'everything'),
    to('another bucket, which lets the account in', `${bucket}-other/${key}`, "caller's side"),
  ];
}

/**
 * Objects that the documents name, as they are written or below a folder: what forbids a
 * request for a bucket may be all that keeps the caller from what another document allows.
 */
function namedObjects({ request }: Facts, { documents }: Attachments): Neighbour[] {
  if (!request.action.toLowerCase().startsWith('s3:')) return [];
  const objects = documents
    .flatMap(({ policy }) => policy?.statements ?? [])
    .flatMap(({ resource }) => resource?.patterns ?? [])
    .filter((pattern) => isObject(pattern) && !/[?$]|\*./.test(pattern))
    .map((pattern) => pattern.replace('*', 'other-key'))
    .filter((resource) => resource !== request.resource);
  return [...new Set(objects)].slice(0, 6).flatMap((resource) =>
    ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'].map((action) => ({
      what: `${action} on ${resource}`,
      request: { ...request, action, resource },
      asks: 'everything' as const,
    })),
  );
}

function otherContexts(facts: Facts, attachments: Attachments): Neighbour[] {
  const { request } = facts;
  const mentioned = new Set(
    attachments.documents
      .flatMap(({ policy }) => policy?.statements ?? [])
      .flatMap(({ conditions }) => conditions.map(({ key }) => key.toLowerCase())),
  );
  const neighbours: Neighbour[] = [];
  const secure = 'aws:SecureTransport';
  const to = (
    what: string,
    key: string,
    value: string | null,
    asks: Neighbour['asks'] = 'everything',
  ) => {
    const rest = withoutKey(request.context, key);
    const context = value === null ? rest : { ...rest, [key]: value };
    neighbours.push({ what, request: { ...request, context }, asks });
  };
  if (isTrustAction(request.action) && facts.context.has('sts:externalid')) {
    // What is proved to a role is for its trust policy to look at.
    to('without the external ID', 'sts:ExternalId', null, 'resource side');
    to('with another external ID', 'sts:ExternalId', 'another-external-id', 'resource side');
  }
  if (mentioned.has('aws:securetransport') && facts.context.get('aws:securetransport') === 'true') {
    const context = { ...withoutKey(request.context, secure), [secure]: 'false' };
    const what = 'over plain HTTP';
    const plain = { ...request, context };
    neighbours.push({ what, request: plain, asks: 'everything', isUnprotected: true });
  }
  const prefix = facts.context.get('s3:prefix');
  if (typeof prefix === 'string') {
    to('a list of another prefix', 's3:prefix', `${prefix}other`);
    to('a list of everything', 's3:prefix', null);
  }
  for (const [key, value] of facts.context) {
    // Who asks, by the claims of an identity provider: another audience or subject is somebody else.
    if (!/:(aud|sub)$/.test(key) || typeof value !== 'string') continue;
    to(`another value of ${key}`, key, `${value}-other`, 'resource side');
  }
  return neighbours;
}

function withoutKey(context: AccessRequest['context'], key: string): AccessRequest['context'] {
  return Object.fromEntries(
    Object.entries(context).filter(([name]) => name.toLowerCase() !== key.toLowerCase()),
  );
}

function without(context: AccessRequest['context'], keys: RegExp): AccessRequest['context'] {
  return Object.fromEntries(Object.entries(context).filter(([key]) => !keys.test(key)));
}

/**
 * Whether a changed document allows a neighbour that it did not allow before, whatever the
 * other documents say: what they forbid today may be allowed tomorrow.
 */
export function opensMore(
  path: string,
  request: AccessRequest,
  before: Attachments,
  after: Attachments,
): boolean {
  const was = before.documents.find((given) => given.path === path);
  const is = after.documents.find((given) => given.path === path);
  if (!is?.policy) return false;
  const set = policySetOf(before);
  return neighboursOf(gatherFacts(request, set), before).some((neighbour) => {
    if (neighbour.isUnprotected) return false;
    // The caller's own documents do not say who calls, and those of a resource not on which.
    const isOwn = ['identity', 'session', 'boundary'].includes(is.kind);
    if (neighbour.asks === 'resource side' && isOwn) return false;
    if (neighbour.asks === "caller's side" && is.list === 'resourcePolicy') return false;
    const facts = gatherFacts(neighbour.request, set);
    return isAllowedBy(is, facts) && !(was && isAllowedBy(was, facts));
  });
}

function isAllowedBy(given: Attached, facts: Facts): boolean {
  return (given.policy?.statements ?? []).some(
    (statement) =>
      statement.effect === 'Allow' &&
      matchStatement(
        statement,
        given.policy?.version ?? '2012-10-17',
        facts,
        namesPrincipals(given.type),
      ).applies,
  );
}
