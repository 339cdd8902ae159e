import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { PolicyDocument } from '@causeway/policy';
import { operatorCall, operatorLookup } from './operator-call.ts';

/** The role that lets a customer into its managed bucket, as it must be. */
export interface AccessRole {
  readonly name: string;
  readonly description: string;
  readonly trustPolicy: PolicyDocument;
  readonly permissionsPolicy: PolicyDocument;
}

/** What a role has in IAM. */
export interface FoundRole {
  readonly trustPolicy: PolicyDocument;
  /** Of our name; null when it has none. */
  readonly permissionsPolicy: PolicyDocument | null;
  /** Names of other inline policies, and ARNs of attached ones. */
  readonly others: readonly string[];
}

const inlinePolicy = 'causeway';
const absent = ['NoSuchEntity', 'NoSuchEntityException'];
/** IAM itself lets a role be assumed for at most 12 hours; 1 is what it gives by default. */
const longestSessionSeconds = 3600;

/** Null when there is no such role. */
export async function readRole(iam: IAMClient, name: string): Promise<FoundRole | null> {
  const [role, inline, attached, policy] = await Promise.all([
    operatorLookup('iam:GetRole', name, absent, () =>
      iam.send(new GetRoleCommand({ RoleName: name })),
    ),
    operatorLookup('iam:ListRolePolicies', name, absent, () =>
      iam.send(new ListRolePoliciesCommand({ RoleName: name })),
    ),
    operatorLookup('iam:ListAttachedRolePolicies', name, absent, () =>
      iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name })),
    ),
    operatorLookup('iam:GetRolePolicy', name, absent, () =>
      iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: inlinePolicy })),
    ),
  ]);
  if (!role?.Role?.AssumeRolePolicyDocument) return null;
  const arns = attached?.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn ?? '') ?? [];
  const names = inline?.PolicyNames?.filter((each) => each !== inlinePolicy) ?? [];
  return {
    trustPolicy: readDocument(role.Role.AssumeRolePolicyDocument),
    permissionsPolicy: policy?.PolicyDocument ? readDocument(policy.PolicyDocument) : null,
    others: [...names, ...arns],
  };
}

/** IAM gives documents in the encoding of URLs. */
function readDocument(text: string): PolicyDocument {
  const { Statement, ...rest } = JSON.parse(decodeURIComponent(text));
  return { ...rest, Statement: Array.isArray(Statement) ? Statement : [Statement] };
}

/** What is not as it must be, as sentences; none for a role that is right. */
export function findRoleDrift(found: FoundRole | null, wanted: AccessRole): string[] {
  if (found === null) return [`role "${wanted.name}" does not exist`];
  const { trustPolicy, permissionsPolicy, others } = found;
  return [
    ...(isSame(trustPolicy, wanted.trustPolicy)
      ? []
      : [`the trust policy of role "${wanted.name}" was changed`]),
    ...(permissionsPolicy === null
      ? [`role "${wanted.name}" has no policy "${inlinePolicy}"`]
      : isSame(permissionsPolicy, wanted.permissionsPolicy)
        ? []
        : [`policy "${inlinePolicy}" of role "${wanted.name}" was changed`]),
    ...others.map((each) => `role "${wanted.name}" was given policy "${each}"`),
  ];
}

/**
 * Makes the role, or puts its documents back. Policies that others have given it stay: they
 * are the operator's own decision, and a check names them.
 */
export async function putRole(iam: IAMClient, role: AccessRole): Promise<void> {
  const { name: RoleName } = role;
  const trust = JSON.stringify(role.trustPolicy);
  const found = await operatorLookup('iam:GetRole', RoleName, absent, () =>
    iam.send(new GetRoleCommand({ RoleName })),
  );
  if (found === null) {
    await operatorCall('iam:CreateRole', RoleName, () =>
      iam.send(
        new CreateRoleCommand({
          RoleName,
          Description: role.description,
          AssumeRolePolicyDocument: trust,
          MaxSessionDuration: longestSessionSeconds,
        }),
      ),
    );
  } else {
    await operatorCall('iam:UpdateAssumeRolePolicy', RoleName, () =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust })),
    );
  }
  await operatorCall('iam:PutRolePolicy', RoleName, () =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: inlinePolicy,
        PolicyDocument: JSON.stringify(role.permissionsPolicy),
      }),
    ),
  );
}

/** Takes the role away with all that it was given, if it is there. Its sessions end with it. */
export async function deleteRole(iam: IAMClient, name: string): Promise<void> {
  const found = await readRole(iam, name);
  if (found === null) return;
  const policies = [inlinePolicy, ...found.others];
  await Promise.all(
    policies.map((policy) =>
      policy.startsWith('arn:')
        ? operatorLookup('iam:DetachRolePolicy', name, absent, () =>
            iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn: policy })),
          )
        : operatorLookup('iam:DeleteRolePolicy', name, absent, () =>
            iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: policy })),
          ),
    ),
  );
  await operatorLookup('iam:DeleteRole', name, absent, () =>
    iam.send(new DeleteRoleCommand({ RoleName: name })),
  );
}

/** The order of keys means nothing in JSON. */
function isSame(one: PolicyDocument, other: PolicyDocument): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
