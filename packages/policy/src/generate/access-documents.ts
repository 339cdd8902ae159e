import type { PolicyDocument } from '../model.ts';
import { assumeManagedRolePolicy, assumeRolePolicy } from './assume-role-policy.ts';
import {
  type CorsConfiguration,
  corsConfiguration,
  type LifecycleConfiguration,
  lifecycleConfiguration,
} from './bucket-settings.ts';
import { checkAccount, checkSamePartition, readPrincipalArn } from './check-input.ts';
import { customerBucketPolicy } from './customer-bucket-policy.ts';
import { customerKeyPolicy, managedKeyPolicy } from './key-policy.ts';
import {
  type ManagedBucketInput,
  managedAccessPolicy,
  managedBucketPolicy,
  managedRoleTrustPolicy,
} from './managed-bucket.ts';
import { checkPartition } from './pattern-text.ts';
import { permissionsBoundary, permissionsPolicy } from './permissions-policy.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { sessionPolicy } from './session-policy.ts';
import type { PlaceInput } from './statements.ts';
import { trustPolicy } from './trust-policy.ts';
import { webIdentityTrustPolicy } from './web-identity-trust-policy.ts';

/** How a connection reaches its bucket. The last two are for buckets of the operator. */
export const accessMethods = [
  'role',
  'web_identity',
  'access_key',
  'bucket_policy',
  'operator_role',
] as const;
export type AccessMethod = (typeof accessMethods)[number];

/** What the documents of a connection are made of. Which of the optional ones it takes depends on the access. */
export interface AccessInput extends PlaceInput {
  readonly access: AccessMethod;
  /** The customer's account. */
  readonly accountId: string;
  /** Of the role (`causeway` if not given), or of the user whose access keys are used. */
  readonly principalName?: string;
  /** `role`: required. `operator_role`: optional. */
  readonly externalId?: string;
  /** `role`: who of the operator assumes the role; a second one while it changes. */
  readonly operatorPrincipals?: readonly string[];
  /** `operator_role`: the operator's account, in which the role of the bucket is. */
  readonly operatorAccountId?: string;
  /** `web_identity`. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  /** Managed buckets: single roles and users of the customer; its whole account if not given. */
  readonly customerPrincipals?: readonly string[];
  /** Of pages that use the bucket from browsers. */
  readonly origins?: readonly string[];
  /** Denies in the bucket policy what the role or user does not need. */
  readonly confine?: boolean;
  readonly label?: string;
  readonly listAllMyBuckets?: boolean;
  /** Managed buckets. */
  readonly ownerFullControl?: boolean;
  /** Managed buckets. */
  readonly receipts?: boolean;
}

export interface AccessDocument {
  /** Such as `trustPolicy`; no two documents of an access have the same. */
  readonly name: string;
  /** Whose administrator puts it in place. */
  readonly side: 'customer' | 'operator';
  /** Where it goes, in a few words. */
  readonly purpose: string;
  readonly document: PolicyDocument | CorsConfiguration | LifecycleConfiguration;
}

/**
 * Every document that an access needs, on both sides, with the least that the
 * capabilities ask for.
 *
 * @throws PolicyInputError that names the input which is missing or wrong
 */
export function accessDocuments(input: AccessInput): readonly AccessDocument[] {
  checkPartition(input.partition ?? 'aws');
  checkAccount('accountId', input.accountId);
  switch (input.access) {
    case 'role':
      return [...roleDocuments(input), ...customerDocuments(input, 'role')];
    case 'web_identity':
      return [webIdentityDocument(input), ...customerDocuments(input, 'role')];
    case 'access_key':
      return customerDocuments(input, 'user');
    case 'bucket_policy':
      return bucketPolicyDocuments(input);
    case 'operator_role':
      return operatorRoleDocuments(input);
  }
}

function roleDocuments(input: AccessInput): AccessDocument[] {
  const { partition = 'aws' } = input;
  const principalArn = need(input, 'operatorPrincipals');
  const externalId = need(input, 'externalId');
  const [first = ''] = principalArn;
  const { accountId, partition: found } = readPrincipalArn('operatorPrincipals', first);
  checkSamePartition('operatorPrincipals', found, partition);
  return [
    customer('trustPolicy', 'trust policy of the role', trustPolicy({ principalArn, externalId })),
    operator(
      'assumeRolePolicy',
      "attach to the operator's principal that assumes customers' roles",
      assumeRolePolicy({
        operatorAccountId: accountId,
        rolePattern: `${principalName(input)}*`,
        partition,
      }),
    ),
  ];
}

function webIdentityDocument(input: AccessInput): AccessDocument {
  return customer(
    'trustPolicy',
    'trust policy of the role; register the issuer in the account first',
    webIdentityTrustPolicy({
      accountId: input.accountId,
      issuer: need(input, 'issuer'),
      audience: need(input, 'audience'),
      subject: need(input, 'subject'),
      partition: input.partition ?? 'aws',
    }),
  );
}

/** What a role and a user of the customer have in common. */
function customerDocuments(input: AccessInput, kind: 'role' | 'user'): AccessDocument[] {
  const { accountId, partition = 'aws', prefix, capabilities } = input;
  const principalArn = `arn:${partition}:iam::${accountId}:${kind}/${principalName(input)}`;
  readPrincipalArn('principalName', principalArn);
  const settings = settingsDocuments(input, prefix, customer);
  return [
    customer('permissionsPolicy', `inline policy of the ${kind}`, permissionsPolicy(input)),
    customer(
      'permissionsBoundary',
      `optional: permissions boundary of the ${kind}`,
      permissionsBoundary(input),
    ),
    ...(kind === 'role'
      ? [
          operator(
            'sessionPolicy',
            'passed with each AssumeRole: Causeway narrows it to one run',
            sessionPolicy({ ...input, prefixes: [prefix], capabilities }),
          ),
        ]
      : []),
    customer(
      'bucketPolicy',
      `add to the bucket's policy if it restricts, or is of another account than the ${kind}`,
      customerBucketPolicy({ ...input, principalArn }),
    ),
    ...(input.kmsKeyArn === undefined
      ? []
      : [
          customer(
            'keyPolicy',
            "add to the key's policy if it does not trust its whole account",
            customerKeyPolicy({ ...input, principals: [principalArn] }),
          ),
        ]),
    ...settings,
  ];
}

function bucketPolicyDocuments(input: AccessInput): AccessDocument[] {
  const customerPrincipals = input.customerPrincipals ?? [input.accountId];
  return [
    operator(
      'bucketPolicy',
      'policy of the managed bucket',
      managedBucketPolicy({ ...input, customerPrincipals }),
    ),
    customer(
      'customerPolicy',
      'inline policy of the users and roles that use the bucket',
      managedAccessPolicy(input),
    ),
    ...managedKey(input, customerPrincipals),
    ...settingsDocuments(input, input.prefix, operator),
  ];
}

function operatorRoleDocuments(input: AccessInput): AccessDocument[] {
  const { partition = 'aws' } = input;
  const account = checkAccount('operatorAccountId', need(input, 'operatorAccountId'));
  const roleArn = `arn:${partition}:iam::${account}:role/${principalName(input)}`;
  const customerPrincipals = input.customerPrincipals ?? [input.accountId];
  const external = input.externalId === undefined ? {} : { externalId: input.externalId };
  return [
    operator(
      'trustPolicy',
      'trust policy of the role of the managed bucket',
      managedRoleTrustPolicy({ customerPrincipals, partition, ...external }),
    ),
    operator('permissionsPolicy', 'inline policy of that role', managedAccessPolicy(input)),
    operator(
      'bucketPolicy',
      'policy of the managed bucket',
      managedBucketPolicy({ ...input, customerPrincipals: [] }),
    ),
    customer(
      'customerPolicy',
      'inline policy of the users, groups and roles that assume the role',
      assumeManagedRolePolicy({ roleArn }),
    ),
    ...managedKey(input, [roleArn]),
    ...settingsDocuments(input, input.prefix, operator),
  ];
}

function managedKey(
  input: ManagedBucketInput & { label?: string },
  principals: readonly string[],
): AccessDocument[] {
  if (input.kmsKeyArn === undefined) return [];
  const document = managedKeyPolicy({ ...input, principals, complete: true });
  return [operator('keyPolicy', "policy of the managed bucket's key", document)];
}

function settingsDocuments(input: AccessInput, prefix: string, make: Make): AccessDocument[] {
  const { origins = [], label = '' } = input;
  const browsers = input.capabilities.includes('browse') && origins.length > 0;
  return [
    ...(browsers
      ? [make('cors', "add to the bucket's CORS configuration", corsConfiguration({ origins }))]
      : []),
    make(
      'lifecycle',
      "add to the bucket's lifecycle configuration",
      lifecycleConfiguration({ prefix, label }),
    ),
  ];
}

type Make = (name: string, purpose: string, document: AccessDocument['document']) => AccessDocument;

const customer: Make = (name, purpose, document) => ({
  name,
  side: 'customer',
  purpose,
  document,
});

const operator: Make = (name, purpose, document) => ({
  name,
  side: 'operator',
  purpose,
  document,
});

function principalName({ principalName: name = 'causeway' }: AccessInput): string {
  return name;
}

function need<K extends keyof AccessInput>(
  input: AccessInput,
  field: K,
): NonNullable<AccessInput[K]> {
  const value = input[field];
  if (value !== undefined && value !== null && (!Array.isArray(value) || value.length > 0)) {
    return value as NonNullable<AccessInput[K]>;
  }
  throw new PolicyInputError(field, 'is missing', `Give it: access "${input.access}" needs it`);
}
