import {
  type Access,
  CausewayError,
  type Connection,
  type ConnectionBy,
  type ConnectionCreate,
  healthOf,
  type ManagedSettings,
  newId,
  parseLocation,
  randomDigits,
  type WriteOptions,
} from '@causeway/contract';
import type { EndpointRules } from '@causeway/objectstore';
import { requireRules } from './access-keys/store-reach.ts';
import { readCustomerRole, refuseOwnAccount } from './customer-role.ts';
import { managedBucketName } from './managed/managed-bucket-name.ts';
import type { Operator } from './operator.ts';
import {
  accessesOfOperatorAccount,
  operatorAccountMissing,
  partitionOfOperator,
} from './operator-without-account.ts';
import { refuseWriteKey } from './refuse-write-key.ts';
import { ownTokenClaims } from './web-identity/new-token-claims.ts';
import type { Issuer, TokenClaims } from './web-identity/token-claims.ts';

export interface CreateConnectionDeps {
  readonly operator: Operator;
  readonly issuer: Issuer;
  /** Of a connection whose tokens another issuer signs, see `newTokenClaims`. */
  readonly tokenClaims?: TokenClaims;
  /** Which S3-compatible stores may be connected; none without. */
  readonly endpoints?: EndpointRules;
  readonly now?: () => Date;
}

/**
 * Makes a connection in status `draft`, with everything that is fixed from now on:
 * external ID or subject (130 random bits, never taken from a request) and the role
 * name, so that the role's ARN is known once the account is.
 *
 * @throws CausewayError `invalid_location`, `invalid_role_arn`; `account_not_allowed` for the
 * operator's own account, whose roles need no external ID; `invalid_request` for a role of another
 * account than the one given; `endpoint_not_allowed`; `operator_account_missing` for what an
 * operator without one cannot offer.
 */
export function createConnection<A extends Access>(
  input: Extract<ConnectionCreate, { access: A }>,
  deps: CreateConnectionDeps,
): ConnectionBy<A>;
export function createConnection(input: ConnectionCreate, deps: CreateConnectionDeps): Connection;
export function createConnection(
  input: ConnectionCreate,
  { operator, issuer, tokenClaims, endpoints, now = () => new Date() }: CreateConnectionDeps,
): Connection {
  // A role is of no use without somebody to assume it, and a managed bucket needs an owner.
  if (accessesOfOperatorAccount.includes(input.access)) requireAccount(operator);
  refuseOwnAccount(input.accountId, operator);
  const made = now();
  const draft = {
    accountConfirmed: true,
    status: 'draft' as const,
    lastCheck: null,
  };
  const since = made.toISOString();
  const shared = {
    ...draft,
    health: healthOf({ ...draft, accountId: null, since, nextCheckAt: null }),
    id: newId('connection', made.getTime()),
    customerId: input.customerId,
    name: input.name ?? null,
    isDefault: false,
    capabilities: [...new Set(input.capabilities)],
    overwrites: input.overwrites,
    createdAt: since,
  } satisfies Partial<Connection>;
  switch (input.access) {
    case 'role':
      return {
        ...shared,
        ...ownPlace(input, operator),
        ...roleOf(input, operator),
        access: 'role',
        externalId: newExternalId(),
      };
    case 'web_identity': {
      const trust = tokenClaims ?? ownTokenClaims(input, issuer);
      const { access } = input;
      return {
        ...shared,
        ...ownPlace(input, operator),
        ...roleOf(input, operator),
        access,
        ...trust,
      };
    }
    case 'access_key': {
      const { access } = input;
      const endpoint = acceptEndpoint(input.endpoint, endpoints);
      const userName = `causeway-${randomDigits(12)}`;
      const place = ownPlace({ ...input, endpoint }, operator);
      return { ...shared, ...place, access, userName, endpoint, accessKeys: [] };
    }
    case 'bucket_policy':
      return { ...shared, ...managedPlace(input, operator), access: 'bucket_policy' };
    case 'operator_role': {
      const place = managedPlace(input, operator);
      const externalId = input.externalId === 'none' ? null : newExternalId();
      const { access } = input;
      return { ...shared, ...place, access, ...managedRole(place.bucket, operator), externalId };
    }
  }
}

function requireAccount({ withoutAccount }: Operator): void {
  if (withoutAccount) throw operatorAccountMissing();
}

/** `cw-` and 26 digits of 5 bits: 130 random bits, within IAM's alphabet for external IDs. */
export function newExternalId(): string {
  return `cw-${randomDigits(26)}`;
}

/** The ARN of a role or user that is known by name, once the account is. */
export function principalArn(
  kind: 'role' | 'user',
  name: string,
  accountId: string | null | undefined,
  operator: Operator,
): string | null {
  if (!accountId) return null;
  return `arn:${partitionOfOperator(operator)}:iam::${accountId}:${kind}/${name}`;
}

function ownPlace(
  input: {
    readonly location?: string | undefined;
    readonly accountId?: string | undefined;
    readonly region?: string | undefined;
    readonly endpoint?: string | null;
    readonly writeOptions: WriteOptions;
  },
  operator: Operator,
) {
  const { accountId = null, region = null, writeOptions } = input;
  refuseWriteKey(writeOptions, input, operator);
  const { bucket, prefix } = input.location
    ? parseLocation(input.location)
    : { bucket: null, prefix: '' };
  return { owner: 'customer', bucket, prefix, accountId, region, writeOptions } as const;
}

function acceptEndpoint(
  endpoint: string | undefined,
  rules: EndpointRules | undefined,
): string | null {
  return endpoint === undefined ? null : requireRules(endpoint, rules).accept(endpoint);
}

interface RoleInput {
  readonly accountId?: string | undefined;
  readonly roleArn?: string | undefined;
}

/** A role that the customer has, or the name of one that it is to make. */
function roleOf({ roleArn, accountId: given }: RoleInput, operator: Operator) {
  if (roleArn === undefined) {
    const roleName = `causeway-${randomDigits(12)}`;
    const arn = principalArn('role', roleName, given, operator);
    return { roleName, roleArn: arn, existingRole: false };
  }
  const { name: roleName, accountId } = readCustomerRole(roleArn, operator);
  if (given !== undefined && given !== accountId) {
    const message = `must be ${accountId}, the account of "roleArn", or be left out`;
    throw new CausewayError('invalid_request', { issues: [{ path: 'accountId', message }] });
  }
  return { accountId, roleName, roleArn, existingRole: true };
}

function managedPlace(
  input: Extract<ConnectionCreate, { resourceId: string }>,
  operator: Operator,
) {
  const { resourceId, accountId, settings, capabilities } = input;
  if (accountId === undefined) {
    const message = 'is missing, and the customer has no property account_id';
    throw new CausewayError('invalid_request', { issues: [{ path: 'accountId', message }] });
  }
  refuseForeignKey(settings, operator);
  refuseUselessReceipts(input);
  return {
    owner: 'operator',
    ...managedBucket(resourceId, operator),
    prefix: '',
    region: null,
    accountId: operator.accountId,
    resourceId,
    customerAccountId: accountId,
    settings,
    receipts: input.receipts ?? capabilities.includes('deliver'),
    provisionedAt: null,
    revokedAt: null,
  } as const;
}

/** S3 takes keys of the bucket's own region only, and a stranger's key could lock us out of the data. */
export function refuseForeignKey(
  { kmsKeyArn }: Pick<ManagedSettings, 'kmsKeyArn'>,
  operator: Operator,
): void {
  if (kmsKeyArn === null) return;
  const [, partition, , region, accountId] = kmsKeyArn.split(':');
  const { accountId: own, region: here } = operator;
  if (partition === partitionOfOperator(operator) && region === here && accountId === own) return;
  const message = `must be a key of account ${own} in ${here}, where the bucket is made`;
  throw new CausewayError('invalid_request', {
    issues: [{ path: 'settings.kmsKeyArn', message }],
  });
}

/** @throws CausewayError `invalid_request` for receipts where nothing is delivered. */
export function refuseUselessReceipts({
  receipts,
  capabilities,
}: {
  readonly receipts?: boolean | undefined;
  readonly capabilities: Connection['capabilities'];
}): void {
  if (!receipts || capabilities.includes('deliver')) return;
  const message = 'is for capability "deliver" alone';
  throw new CausewayError('invalid_request', { issues: [{ path: 'receipts', message }] });
}

/** A new name for a managed bucket. */
export function managedBucket(
  resourceId: string,
  operator: Operator,
): { readonly bucket: string; readonly bucketArn: string } {
  const bucket = managedBucketName(resourceId);
  return { bucket, bucketArn: `arn:${partitionOfOperator(operator)}:s3:::${bucket}` };
}

/** The role that lets a customer into its managed bucket. */
export function managedRole(
  bucket: string,
  operator: Operator,
): Pick<ConnectionBy<'operator_role'>, 'roleName' | 'roleArn'> {
  const roleName = `${bucket}-access`;
  return { roleName, roleArn: principalArn('role', roleName, operator.accountId, operator) ?? '' };
}
