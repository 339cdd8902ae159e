import { type Context, tagContext } from '../access/context.ts';
import type { Parameters } from '../query/parameters.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord, Tags, UserRecord } from '../state/records.ts';

/**
 * IAM's own condition keys: what a request attaches, bounds and tags, and the tags of
 * the user, role, policy or provider that it is about.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export function iamContext(request: QueryRequest): Context {
  const { parameters } = request;
  const entity = entityOf(request);
  const policyArn = parameters.get('PolicyArn');
  const boundary = parameters.get('PermissionsBoundary') ?? entity?.boundary ?? null;
  return {
    ...(policyArn !== null && { 'iam:PolicyARN': policyArn }),
    ...(boundary !== null && { 'iam:PermissionsBoundary': boundary }),
    ...tagContext('aws:ResourceTag', entity?.tags ?? tagsByArn(request)),
    ...tagContext('iam:ResourceTag', entity?.tags ?? tagsByArn(request)),
    ...requestTags(parameters),
  };
}

/** The user or role that a request names, if it is there. */
function entityOf({ parameters, accountId, world }: QueryRequest): UserRecord | RoleRecord | null {
  const { users, roles } = world.state;
  const role = parameters.get('RoleName');
  if (role !== null) return roles.get(`${accountId}/${role}`) ?? null;
  const user = parameters.get('UserName');
  return user === null ? null : (users.get(`${accountId}/${user}`) ?? null);
}

function tagsByArn({ parameters, world }: QueryRequest): Tags | undefined {
  const { managedPolicies, oidcProviders } = world.state;
  const policy = managedPolicies.get(parameters.get('PolicyArn') ?? '');
  const provider = oidcProviders.get(parameters.get('OpenIDConnectProviderArn') ?? '');
  return (policy ?? provider)?.tags;
}

function requestTags(parameters: Parameters): Context {
  const keys = parameters.list('Tags', 'Key');
  const all = keys.length > 0 ? keys : parameters.list('TagKeys');
  return {
    ...Object.fromEntries(
      keys.map((key, index) => [
        `aws:RequestTag/${key}`,
        parameters.get(`Tags.member.${index + 1}.Value`) ?? '',
      ]),
    ),
    ...(all.length > 0 && { 'aws:TagKeys': all }),
  };
}
