import type { Demand } from '../access/authorize.ts';
import { type Context, tagContext } from '../access/context.ts';
import { entityArn } from '../access/entity-arn.ts';
import { livePolicy } from '../access/named-principals.ts';
import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord, RoleSessionRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { credentialsElement, newCredentials } from './new-credentials.ts';
import { packedPolicySize } from './packed-policy.ts';
import { roleSessionSeconds } from './session-duration.ts';
import { readSessionPolicies } from './session-policies.ts';
import { allTags, type SessionTags, tagKeys } from './session-tags.ts';

/** What AssumeRole and AssumeRoleWithWebIdentity have in common once it is known who asks. */
export interface AskedSession {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags: SessionTags;
  /** Chosen by this request, or by the session that a chain of roles began with. */
  readonly sourceIdentity: string | null;
}

/** @throws AwsError `ValidationError` */
export function readRoleArn({ parameters }: Pick<QueryRequest, 'parameters'>): string {
  const roleArn = parameters.text('RoleArn', { min: 20, max: 2048 });
  if (/^arn:aws:iam::\d{12}:role\/(?:[!-~]+\/)?[\w+=,.@-]+$/.test(roleArn)) return roleArn;
  throw new AwsError(400, 'ValidationError', `${roleArn} is invalid`);
}

/** @throws AwsError `ValidationError` */
export function readSessionName({ parameters }: Pick<QueryRequest, 'parameters'>): string {
  return parameters.text('RoleSessionName', { pattern: /[\w+=,.@-]*/, min: 2, max: 64 });
}

export function accountOfArn(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** The role, once the news of it has spread; null before, and for a wrong path. */
function findRole({ iam }: Pick<World, 'iam'>, arn: string): RoleRecord | null {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const role = iam.roles.get(`${accountOfArn(arn)}/${name}`);
  return role && entityArn('role', role) === arn ? role : null;
}

const trustsNobody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'nobody.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
});

/**
 * What a caller must be allowed to open a session: the call itself, and to pass tags
 * and a source identity where there are any, be they its own or handed on to it.
 */
export function sessionDemands(
  { world }: QueryRequest,
  action: string,
  asked: AskedSession,
  context: Context,
): Demand[] {
  const role = findRole(world, asked.roleArn);
  // A role that does not exist trusts nobody, and AWS does not tell the two apart.
  const resourcePolicy = livePolicy(
    { document: role?.trustPolicy ?? trustsNobody, ids: role?.trustedIds },
    { name: 'trust policy', type: 'trust' },
    world,
  );
  const actions = [
    action,
    ...(Object.keys(allTags(asked.tags)).length > 0 ? ['sts:TagSession'] : []),
    ...(asked.sourceIdentity !== null ? ['sts:SetSourceIdentity'] : []),
  ];
  return actions.map((one) => ({
    action: one,
    resource: asked.roleArn,
    resourceAccount: accountOfArn(asked.roleArn),
    resourcePolicy,
    context: {
      'sts:RoleSessionName': asked.sessionName,
      ...(asked.sourceIdentity !== null && { 'sts:SourceIdentity': asked.sourceIdentity }),
      ...tagKeys(asked.tags),
      ...tagContext('aws:ResourceTag', role?.tags),
      ...tagContext('iam:ResourceTag', role?.tags),
      ...context,
    },
  }));
}

/**
 * Opens the session and answers with its credentials, once the demands are met.
 *
 * @param webIdentityKeys what a token said, for the condition keys of the session.
 */
export function openRoleSession(
  request: QueryRequest,
  asked: AskedSession,
  webIdentityKeys?: RoleSessionRecord['webIdentityKeys'],
): string[] {
  const { world } = request;
  const role = findRole(world, asked.roleArn);
  if (!role) throw new AwsError(403, 'AccessDenied', `Role ${asked.roleArn} went away`);
  const sessionPolicies = readSessionPolicies(request, role.accountId);
  const tags = allTags(asked.tags);
  const packed = packedPolicySize(sessionPolicies, tags);
  const session: RoleSessionRecord = {
    ...newCredentials(world.now(), roleSessionSeconds(request, role)),
    kind: 'role',
    accountId: role.accountId,
    roleName: role.name,
    roleId: role.id,
    name: asked.sessionName,
    sessionPolicies,
    tags,
    transitiveTagKeys: [...Object.keys(asked.tags.inherited), ...asked.tags.transitiveKeys],
    ...(asked.sourceIdentity !== null && { sourceIdentity: asked.sourceIdentity }),
    ...(webIdentityKeys && { webIdentityKeys }),
  };
  world.state.commit(world.state.sessions.put(session.accessKeyId, session));
  return describe(session, packed);
}

function describe(session: RoleSessionRecord, packed: number | null): string[] {
  const { accountId, roleName, roleId, name } = session;
  return [
    element('AssumedRoleUser', [
      text('AssumedRoleId', `${roleId}:${name}`),
      text('Arn', `arn:aws:sts::${accountId}:assumed-role/${roleName}/${name}`),
    ]),
    credentialsElement(session),
    text('PackedPolicySize', packed),
    text('SourceIdentity', session.sourceIdentity ?? null),
  ];
}
