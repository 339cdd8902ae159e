import type { Policy, PolicyKind } from '@causeway/policy';
import type { PrincipalIds, RoleRecord, UserRecord } from '../state/records.ts';
import { entityArn } from './entity-arn.ts';
import type { PolicyCache } from './policy-cache.ts';

/** Where users and roles are looked up: in IAM itself, or as authorization sees it. */
export interface Entities {
  readonly users: { readonly get: (key: string) => UserRecord | undefined };
  readonly roles: { readonly get: (key: string) => RoleRecord | undefined };
}

/**
 * Whom a policy means, for the record: AWS keeps the unique ids of the users and
 * roles that a trust or bucket policy names, not their names.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function principalIds(policy: Policy, entities: Entities): PrincipalIds {
  const ids: Record<string, string> = {};
  for (const { principal } of policy.statements) {
    for (const arn of principal?.aws ?? []) {
      const id = entityId(arn, entities);
      if (id !== null) ids[arn] = id;
    }
  }
  return ids;
}

/** The unique id of the user or role that has this ARN now; null when there is none. */
export function entityId(arn: string, entities: Entities): string | null {
  const [, accountId, kind, name] =
    /^arn:aws:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (kind !== 'user' && kind !== 'role') return null;
  const entity = (kind === 'user' ? entities.users : entities.roles).get(`${accountId}/${name}`);
  return entity && entityArn(kind, entity) === arn ? entity.id : null;
}

/**
 * A policy of a resource as it holds now: a user or role that it names, and that was
 * deleted since, is not the one that has the name today.
 */
export function livePolicy(
  stored: { readonly document: string; readonly ids: PrincipalIds | undefined },
  kind: { readonly name: string; readonly type: PolicyKind },
  world: { readonly policies: PolicyCache; readonly iam: Entities },
): Policy {
  const policy = world.policies.get(stored.document, kind.name, kind.type);
  const gone = goneSince(stored.ids, world.iam);
  if (gone.size === 0) return policy;
  return {
    ...policy,
    statements: policy.statements.map((statement) =>
      statement.principal
        ? {
            ...statement,
            principal: {
              ...statement.principal,
              aws: statement.principal.aws.map((arn) => gone.get(arn) ?? arn),
            },
          }
        : statement,
    ),
  };
}

/** The text of a policy as AWS shows it: with the unique id of whoever is gone. */
export function shownDocument(
  document: string,
  ids: PrincipalIds | undefined,
  entities: Entities,
): string {
  const gone = goneSince(ids, entities);
  if (gone.size === 0) return document;
  return JSON.stringify(JSON.parse(document), (key, value: unknown) => {
    if (key !== 'Principal' && key !== 'NotPrincipal') return value;
    return replaceIn(value, gone);
  });
}

function replaceIn(principal: unknown, gone: ReadonlyMap<string, string>): unknown {
  if (typeof principal === 'string') return gone.get(principal) ?? principal;
  if (Array.isArray(principal)) return principal.map((one) => replaceIn(one, gone));
  if (typeof principal !== 'object' || principal === null) return principal;
  return Object.fromEntries(
    Object.entries(principal).map(([kind, names]) => [kind, replaceIn(names, gone)]),
  );
}

function goneSince(ids: PrincipalIds | undefined, entities: Entities): ReadonlyMap<string, string> {
  return new Map(Object.entries(ids ?? {}).filter(([arn, id]) => entityId(arn, entities) !== id));
}
