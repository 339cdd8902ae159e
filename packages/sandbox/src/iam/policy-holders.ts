import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { GroupRecord, RoleRecord, UserRecord } from '../state/records.ts';
import { iamOperation, pageOf } from './iam-operation.ts';
import { policyArn } from './policy-arn.ts';

export interface PolicyHolders {
  readonly Group: readonly GroupRecord[];
  readonly User: readonly UserRecord[];
  readonly Role: readonly RoleRecord[];
}

/** Whom a policy is attached to, or bounds. */
export function holdersOf(
  arn: string,
  as: 'permissions' | 'boundary',
  { world, accountId }: QueryRequest,
): PolicyHolders {
  const { users, roles, groups } = world.state;
  const holds = (one: UserRecord | RoleRecord) =>
    as === 'boundary' ? one.boundary === arn : one.attachedPolicies.includes(arn);
  return {
    Group:
      as === 'boundary'
        ? []
        : [...groups.under(`${accountId}/`)].filter((one) => one.attachedPolicies.includes(arn)),
    User: [...users.under(`${accountId}/`)].filter(holds),
    Role: [...roles.under(`${accountId}/`)].filter(holds),
  };
}

const filters = { User: 'User', Role: 'Role', Group: 'Group' } as const;

export const listEntitiesForPolicy = iamOperation('ListEntitiesForPolicy', policyArn, (request) => {
  const { parameters } = request;
  const isBoundary = parameters.get('PolicyUsageFilter') === 'PermissionsBoundary';
  const prefix = parameters.get('PathPrefix') ?? '/';
  const filter = parameters.get('EntityFilter');
  const holders = holdersOf(policyArn(request), isBoundary ? 'boundary' : 'permissions', request);
  const all = Object.values(filters)
    .filter((kind) => filter === null || filter === kind)
    .flatMap((kind) => holders[kind].map((record) => ({ kind, record })))
    .filter(({ record }) => record.path.startsWith(prefix));
  const { items, paging } = pageOf(all, parameters);
  return [
    ...Object.values(filters).map((kind) =>
      element(
        `Policy${kind}s`,
        items
          .filter((item) => item.kind === kind)
          .map(({ record }) =>
            element('member', [text(`${kind}Name`, record.name), text(`${kind}Id`, record.id)]),
          ),
      ),
    ),
    ...paging,
  ];
});
