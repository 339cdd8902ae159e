import { awsManagedPolicies } from '../access/aws-managed-policies.ts';
import { entityArn } from '../access/entity-arn.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import { readTags } from '../query/tags.ts';
import type { ManagedPolicyRecord, PolicyVersion } from '../state/records.ts';
import { readDocument } from './check-document.ts';
import {
  alreadyExists,
  deleteConflict,
  entityName,
  everyEntity,
  iamOperation,
  limitExceeded,
  pageOf,
  readPath,
  seconds,
} from './iam-operation.ts';
import { newEntityId } from './new-id.ts';
import { noSuchPolicy, policyArn } from './policy-arn.ts';
import { holdersOf } from './policy-holders.ts';
import { tagsElement } from './tags-element.ts';

/** What every policy begins with, and AWS's own stay with. */
export const firstVersion = 'v1';

const maxDocumentLength = 6144;

export const createPolicy = iamOperation('CreatePolicy', newPolicyArn, (request) => {
  const { parameters, accountId, world } = request;
  const name = parameters.text('PolicyName', entityName);
  const isTaken = [...world.state.managedPolicies.under(`arn:aws:iam::${accountId}:`)].some(
    (policy) => policy.name === name,
  );
  if (isTaken) {
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  const policy: ManagedPolicyRecord = {
    accountId,
    name,
    path: readPath(parameters),
    id: newEntityId('ANPA'),
    description: parameters.optionalText('Description', { max: 1000 }),
    document: readManaged(request),
    createdAt: world.now().toISOString(),
    tags: readTags(parameters, 'InvalidInput'),
  };
  world.state.commit(world.state.managedPolicies.put(entityArn('policy', policy), policy));
  return [policyElement('Policy', policy, request, 'with tags')];
});

export const getPolicy = iamOperation('GetPolicy', policyArn, (request) => {
  const arn = policyArn(request);
  const policy = request.world.state.managedPolicies.get(arn);
  if (policy) return [policyElement('Policy', policy, request, 'with tags')];
  if (!awsManagedPolicies.has(arn)) throw noSuchPolicy(arn);
  return [awsPolicyElement('Policy', arn, request)];
});

export const deletePolicy = iamOperation('DeletePolicy', policyArn, (request) => {
  const { state } = request.world;
  const { arn, policy } = findOwnPolicy(request);
  if (attachments(arn, request) + boundaries(arn, request) > 0) {
    throw deleteConflict('Cannot delete a policy attached to entities.');
  }
  if (versionsOf(policy).length > 1) {
    throw deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
  }
  state.commit(state.managedPolicies.remove(arn));
  return null;
});

export const listPolicies = iamOperation('ListPolicies', everyEntity('policy'), (request) => {
  const { parameters, accountId, world } = request;
  const prefix = parameters.get('PathPrefix') ?? '/';
  const scope = parameters.get('Scope') ?? 'All';
  const isAttachedOnly = parameters.get('OnlyAttached') === 'true';
  const own = [...world.state.managedPolicies.under(`arn:aws:iam::${accountId}:`)]
    .filter(({ path }) => scope !== 'AWS' && path.startsWith(prefix))
    .map((policy) => entityArn('policy', policy));
  const ofAws = scope !== 'Local' && prefix === '/' ? [...awsManagedPolicies.keys()] : [];
  const all = [...own, ...ofAws].filter((arn) => !isAttachedOnly || attachments(arn, request) > 0);
  const { items, paging } = pageOf(all, parameters);
  return [
    element(
      'Policies',
      items.map((arn) => {
        const policy = world.state.managedPolicies.get(arn);
        return policy
          ? policyElement('member', policy, request)
          : awsPolicyElement('member', arn, request);
      }),
    ),
    ...paging,
  ];
});

/** A policy of the account, not of AWS. @throws AwsError `NoSuchEntity`. */
export function findOwnPolicy(request: QueryRequest): {
  readonly arn: string;
  readonly policy: ManagedPolicyRecord;
} {
  const arn = policyArn(request);
  const policy = request.world.state.managedPolicies.get(arn);
  if (!policy) throw noSuchPolicy(arn);
  return { arn, policy };
}

export function changePolicy(request: QueryRequest, fields: Partial<ManagedPolicyRecord>): void {
  const { state, now } = { state: request.world.state, now: request.world.now() };
  const { arn, policy } = findOwnPolicy(request);
  state.commit(
    state.managedPolicies.put(arn, { ...policy, ...fields, updatedAt: now.toISOString() }),
  );
}

export function versionsOf(policy: ManagedPolicyRecord): readonly PolicyVersion[] {
  const { document, createdAt } = policy;
  return policy.versions ?? [{ id: firstVersion, document, createdAt }];
}

export function defaultVersionOf(policy: ManagedPolicyRecord): string {
  return policy.defaultVersion ?? firstVersion;
}

/** The document of a managed policy. @throws AwsError `MalformedPolicyDocument` or `LimitExceeded`. */
export function readManaged(request: QueryRequest): string {
  const length = (request.parameters.get('PolicyDocument') ?? '').replace(/\s/g, '').length;
  if (length > maxDocumentLength) throw limitExceeded('PolicySize', maxDocumentLength);
  return readDocument(request, 'PolicyDocument', 'identity');
}

function newPolicyArn({ accountId, parameters }: QueryRequest): string {
  return `arn:aws:iam::${accountId}:policy${parameters.get('Path') ?? '/'}${parameters.get('PolicyName') ?? ''}`;
}

function attachments(arn: string, request: QueryRequest): number {
  return count(holdersOf(arn, 'permissions', request));
}

function boundaries(arn: string, request: QueryRequest): number {
  return count(holdersOf(arn, 'boundary', request));
}

function count({ Group, User, Role }: ReturnType<typeof holdersOf>): number {
  return Group.length + User.length + Role.length;
}

/** What is known of a policy of AWS: neither its id nor its dates. */
function awsPolicyElement(name: string, arn: string, request: QueryRequest): string {
  return element(name, [
    text('PolicyName', arn.slice(arn.lastIndexOf('/') + 1)),
    text('Arn', arn),
    text('Path', '/'),
    text('DefaultVersionId', firstVersion),
    text('AttachmentCount', attachments(arn, request)),
    text('PermissionsBoundaryUsageCount', boundaries(arn, request)),
    text('IsAttachable', true),
  ]);
}

function policyElement(
  name: string,
  policy: ManagedPolicyRecord,
  request: QueryRequest,
  detail?: 'with tags',
): string {
  const arn = entityArn('policy', policy);
  return element(name, [
    text('PolicyName', policy.name),
    text('PolicyId', policy.id),
    text('Arn', arn),
    text('Path', policy.path),
    text('DefaultVersionId', defaultVersionOf(policy)),
    text('AttachmentCount', attachments(arn, request)),
    text('PermissionsBoundaryUsageCount', boundaries(arn, request)),
    text('IsAttachable', true),
    text('Description', policy.description),
    text('CreateDate', seconds(policy.createdAt)),
    text('UpdateDate', seconds(policy.updatedAt ?? policy.createdAt)),
    ...(detail === 'with tags' ? [tagsElement(policy.tags)] : []),
  ]);
}
