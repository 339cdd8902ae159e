import type { Policy, PolicyKind } from '@causeway/policy';
import type { GroupRecord, ManagedPolicyRecord, RoleRecord, UserRecord } from '../state/records.ts';
import { awsManagedPolicies } from './aws-managed-policies.ts';
import type { Caller } from './caller.ts';
import type { IamView } from './iam-view.ts';
import type { PolicyCache } from './policy-cache.ts';

export interface PolicyDeps {
  readonly iam: IamView;
  readonly policies: PolicyCache;
}

/** What a user or role may do by its own policies, those of its groups included. */
export function policiesOf(
  entity: UserRecord | RoleRecord,
  deps: PolicyDeps,
): Pick<Caller, 'identityPolicies' | 'boundary'> {
  const names = 'groups' in entity ? (entity.groups ?? []) : [];
  const groups = names.flatMap((name) => deps.iam.groups.get(`${entity.accountId}/${name}`) ?? []);
  const [boundary] = entity.boundary ? managedPolicy(entity.boundary, 'boundary', deps) : [];
  return {
    identityPolicies: [entity, ...groups].flatMap((holder) => attachedTo(holder, deps)),
    boundary: boundary ?? null,
  };
}

function attachedTo(holder: UserRecord | RoleRecord | GroupRecord, deps: PolicyDeps): Policy[] {
  const inline = Object.entries(holder.inlinePolicies).map(([name, document]) =>
    deps.policies.get(document, name, 'identity'),
  );
  const attached = holder.attachedPolicies.flatMap((arn) => managedPolicy(arn, 'identity', deps));
  return [...inline, ...attached];
}

function managedPolicy(arn: string, type: PolicyKind, deps: PolicyDeps): Policy[] {
  const document = managedDocument(arn, deps.iam);
  return document === null ? [] : [deps.policies.get(document, arn, type)];
}

/** The text of a managed policy, AWS's or a customer's; null when there is none. */
export function managedDocument(
  arn: string,
  iam: {
    readonly managedPolicies: { readonly get: (arn: string) => ManagedPolicyRecord | undefined };
  },
): string | null {
  return awsManagedPolicies.get(arn) ?? iam.managedPolicies.get(arn)?.document ?? null;
}
