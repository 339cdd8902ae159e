import { entityArn } from '../access/entity-arn.ts';
import { managedDocument } from '../access/policies-of.ts';
import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { ManagedPolicyRecord } from '../state/records.ts';
import { readDocument } from './check-document.ts';
import {
  alreadyExists,
  deleteConflict,
  encodedDocument,
  entityName,
  everyEntity,
  iamOperation,
  noSuchEntity,
  pageOf,
  readPath,
  refuseTags,
  seconds,
} from './iam-operation.ts';
import { newEntityId } from './new-id.ts';

/** Policies have one version here, so it is always this one. */
const onlyVersion = 'v1';

export const createPolicy = iamOperation('CreatePolicy', newPolicyArn, (request) => {
  const { parameters, accountId, world } = request;
  refuseTags(parameters);
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
    document: readDocument(request, 'PolicyDocument', 'identity'),
    createdAt: world.now().toISOString(),
  };
  world.state.commit(world.state.managedPolicies.put(entityArn('policy', policy), policy));
  return [policyElement('Policy', policy, request)];
});

export const getPolicy = iamOperation('GetPolicy', policyArn, (request) => {
  const arn = policyArn(request);
  const policy = request.world.state.managedPolicies.get(arn);
  if (policy) return [policyElement('Policy', policy, request)];
  if (managedDocument(arn, request.world.state) === null) throw noSuchPolicy(arn);
  return [
    element('Policy', [
      text('PolicyName', arn.slice(arn.lastIndexOf('/') + 1)),
      text('Arn', arn),
      text('Path', '/'),
      text('DefaultVersionId', onlyVersion),
      text('IsAttachable', true),
    ]),
  ];
});

export const getPolicyVersion = iamOperation('GetPolicyVersion', policyArn, (request) => {
  const arn = policyArn(request);
  const version = request.parameters.text('VersionId', { pattern: /v[1-9][0-9]*/ });
  const document = managedDocument(arn, request.world.state);
  if (document === null) throw noSuchPolicy(arn);
  if (version !== onlyVersion) {
    throw noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
  }
  return [
    element('PolicyVersion', [
      text('Document', encodedDocument(document)),
      text('VersionId', version),
      text('IsDefaultVersion', true),
    ]),
  ];
});

export const deletePolicy = iamOperation('DeletePolicy', policyArn, (request) => {
  const { state } = request.world;
  const arn = policyArn(request);
  if (!state.managedPolicies.has(arn)) throw noSuchPolicy(arn);
  if (holdersOf(arn, request) > 0) {
    throw deleteConflict('Cannot delete a policy attached to entities.');
  }
  state.commit(state.managedPolicies.remove(arn));
  return null;
});

export const listPolicies = iamOperation('ListPolicies', everyEntity('policy'), (request) => {
  const { parameters, accountId, world } = request;
  const prefix = parameters.get('PathPrefix') ?? '/';
  const all = [...world.state.managedPolicies.under(`arn:aws:iam::${accountId}:`)].filter(
    (policy) => policy.path.startsWith(prefix),
  );
  const { items, paging } = pageOf(all, parameters);
  return [
    element(
      'Policies',
      items.map((policy) => policyElement('member', policy, request)),
    ),
    ...paging,
  ];
});

/** The policy that a request is about. @throws AwsError `ValidationError`. */
export function policyArn({ parameters, accountId }: QueryRequest): string {
  const arn = parameters.text('PolicyArn', { min: 20, max: 2048 });
  const [, owner] = /^arn:aws:iam::(\d{12}|aws):policy\/.+$/.exec(arn) ?? [];
  if (owner === undefined) throw new AwsError(400, 'ValidationError', `ARN ${arn} is not valid.`);
  if (owner !== accountId && owner !== 'aws') throw noSuchPolicy(arn);
  return arn;
}

export function noSuchPolicy(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

function newPolicyArn({ accountId, parameters }: QueryRequest): string {
  return `arn:aws:iam::${accountId}:policy${parameters.get('Path') ?? '/'}${parameters.get('PolicyName') ?? ''}`;
}

function holdersOf(arn: string, { world, accountId }: QueryRequest): number {
  const { users, roles } = world.state;
  const holders = [...users.under(`${accountId}/`), ...roles.under(`${accountId}/`)];
  return holders.filter((one) => one.attachedPolicies.includes(arn) || one.boundary === arn).length;
}

function policyElement(name: string, policy: ManagedPolicyRecord, request: QueryRequest): string {
  const arn = entityArn('policy', policy);
  return element(name, [
    text('PolicyName', policy.name),
    text('PolicyId', policy.id),
    text('Arn', arn),
    text('Path', policy.path),
    text('DefaultVersionId', onlyVersion),
    text('AttachmentCount', holdersOf(arn, request)),
    text('IsAttachable', true),
    text('Description', policy.description),
    text('CreateDate', seconds(policy.createdAt)),
    text('UpdateDate', seconds(policy.createdAt)),
  ]);
}
