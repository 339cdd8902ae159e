import { managedDocument } from '../access/policies-of.ts';
import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { ManagedPolicyRecord, PolicyVersion } from '../state/records.ts';
import {
  deleteConflict,
  encodedDocument,
  iamOperation,
  noSuchEntity,
  pageOf,
  seconds,
} from './iam-operation.ts';
import {
  changePolicy,
  defaultVersionOf,
  findOwnPolicy,
  firstVersion,
  readManaged,
  versionsOf,
} from './managed-policies.ts';
import { noSuchPolicy, policyArn } from './policy-arn.ts';

const maxVersions = 5;

export const createPolicyVersion = iamOperation('CreatePolicyVersion', policyArn, (request) => {
  const { parameters, world } = request;
  const document = readManaged(request);
  const { policy } = findOwnPolicy(request);
  const versions = versionsOf(policy);
  if (versions.length >= maxVersions) {
    throw new AwsError(
      409,
      'LimitExceeded',
      `A managed policy may have up to ${maxVersions} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  const version: PolicyVersion = {
    id: `v${(policy.lastVersion ?? 1) + 1}`,
    document,
    createdAt: world.now().toISOString(),
  };
  const isDefault = parameters.get('SetAsDefault') === 'true';
  changePolicy(request, {
    versions: [...versions, version],
    lastVersion: (policy.lastVersion ?? 1) + 1,
    defaultVersion: isDefault ? version.id : defaultVersionOf(policy),
    ...(isDefault && { document }),
  });
  return [versionElement('PolicyVersion', version, isDefault)];
});

export const getPolicyVersion = iamOperation('GetPolicyVersion', policyArn, (request) => {
  const arn = policyArn(request);
  const { version, isDefault } = request.world.state.managedPolicies.has(arn)
    ? findVersion(request)
    : awsVersion(arn, request);
  return [
    element('PolicyVersion', [
      text('Document', encodedDocument(version.document)),
      ...versionFields(version, isDefault),
    ]),
  ];
});

export const listPolicyVersions = iamOperation('ListPolicyVersions', policyArn, (request) => {
  const arn = policyArn(request);
  const policy = request.world.state.managedPolicies.get(arn);
  const versions = policy ? [...versionsOf(policy)].reverse() : [awsVersion(arn, request).version];
  const current = policy ? defaultVersionOf(policy) : firstVersion;
  const { items, paging } = pageOf(versions, request.parameters);
  return [
    element(
      'Versions',
      items.map((version) => versionElement('member', version, version.id === current)),
    ),
    ...paging,
  ];
});

export const setDefaultPolicyVersion = iamOperation(
  'SetDefaultPolicyVersion',
  policyArn,
  (request) => {
    const { version } = findVersion(request);
    changePolicy(request, { defaultVersion: version.id, document: version.document });
    return null;
  },
);

export const deletePolicyVersion = iamOperation('DeletePolicyVersion', policyArn, (request) => {
  const { policy, version, isDefault } = findVersion(request);
  if (isDefault) throw deleteConflict('Cannot delete the default version of a policy.');
  const versions = versionsOf(policy).filter(({ id }) => id !== version.id);
  changePolicy(request, { versions });
  return null;
});

interface FoundVersion {
  readonly version: PolicyVersion;
  readonly isDefault: boolean;
}

function findVersion(
  request: QueryRequest,
): FoundVersion & { readonly policy: ManagedPolicyRecord } {
  const { arn, policy } = findOwnPolicy(request);
  const id = versionId(request);
  const version = versionsOf(policy).find((one) => one.id === id);
  if (!version) throw noSuchVersion(arn, id);
  return { policy, version, isDefault: id === defaultVersionOf(policy) };
}

/** AWS's own policies have one version here, and no date. */
function awsVersion(arn: string, request: QueryRequest): FoundVersion {
  const document = managedDocument(arn, request.world.state);
  if (document === null) throw noSuchPolicy(arn);
  const id = request.parameters.get('VersionId') ?? firstVersion;
  if (id !== firstVersion) throw noSuchVersion(arn, id);
  return { version: { id, document, createdAt: '' }, isDefault: true };
}

function versionId({ parameters }: QueryRequest): string {
  return parameters.text('VersionId', { pattern: /v[1-9][0-9]*/ });
}

function noSuchVersion(arn: string, id: string): AwsError {
  return noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`);
}

function versionElement(name: string, version: PolicyVersion, isDefault: boolean): string {
  return element(name, versionFields(version, isDefault));
}

function versionFields({ id, createdAt }: PolicyVersion, isDefault: boolean): string[] {
  return [
    text('VersionId', id),
    text('IsDefaultVersion', isDefault),
    text('CreateDate', createdAt === '' ? null : seconds(createdAt)),
  ];
}
