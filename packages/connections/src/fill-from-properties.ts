import {
  AccountId,
  CausewayError,
  type ConnectionCreate,
  type ConnectProperty,
  type Customer,
  type CustomerUpdate,
  connectProperties,
  formatLocation,
  parseLocation,
  parseRoleArn,
  Region,
  readLocation,
} from '@causeway/contract';
import { readCustomerRole, refuseOwnAccount } from './customer-role.ts';
import type { Operator } from './operator.ts';

type Properties = Customer['properties'];

/** Properties as they are to be; null for what is taken away. */
type WantedProperties = NonNullable<CustomerUpdate['properties']>;

/**
 * Fills what was left out of a new connection from its customer's properties. What was
 * given wins, and so do two properties over a third that says less:
 *
 * - `bucket_name` and `prefix` together are the location; without `prefix` it is `causeway/`,
 *   and `prefix` by itself says nothing. A location that was given is taken as a whole.
 * - `role_arn` brings its account with it. An account that was given must be the role's.
 * - `account_id`, `region`.
 *
 * Only what the access takes is looked at.
 *
 * @throws CausewayError `property_not_usable` for a property that would be used and cannot be.
 */
export function fillFromProperties(
  input: ConnectionCreate,
  properties: Properties,
  operator: Operator,
): ConnectionCreate {
  if (!input.useProperties) return input;
  const read = reader(properties, operator);
  if (input.access === 'bucket_policy' || input.access === 'operator_role') {
    return { ...input, accountId: input.accountId ?? read('account_id') };
  }
  const placed = {
    ...input,
    location: input.location ?? locationOf(read),
    region: input.region ?? read('region'),
  };
  if (placed.access === 'access_key') return { ...placed, ...accountOf(placed, read) };
  if (placed.roleArn !== undefined) return placed;
  const roleArn = read('role_arn');
  if (roleArn === undefined) return { ...placed, ...accountOf(placed, read) };
  const { accountId } = parseRoleArn(roleArn);
  const given = input.accountId ?? read('account_id');
  if (given !== undefined && given !== accountId) {
    throw unusable('role_arn', roleArn, `it is of account ${accountId}, and not of ${given}`);
  }
  return { ...placed, roleArn };
}

/**
 * Holds what is to be kept of a customer against what connections can be made of, so that
 * whoever writes it down learns of a mistake, and not who connects later.
 *
 * @throws CausewayError `property_not_usable` for the first that could not be used.
 */
export function checkProperties(properties: WantedProperties, operator: Operator): void {
  const read = reader(properties, operator);
  for (const property of connectProperties) read(property);
}

/** Reads a property that must be right if it is there. */
type Read = (property: ConnectProperty) => string | undefined;

function reader(properties: WantedProperties, operator: Operator): Read {
  return (property) => {
    const value = properties[property];
    if (!value) return undefined;
    try {
      return readers[property](value, operator);
    } catch (error) {
      if (!CausewayError.is(error)) throw error;
      throw unusable(property, value, reasonOf(error), error);
    }
  };
}

const readers: Readonly<Record<ConnectProperty, (value: string, operator: Operator) => string>> = {
  role_arn: (value, operator) => {
    readCustomerRole(value, operator);
    return value;
  },
  account_id: (value, operator) => {
    if (!AccountId.safeParse(value).success) {
      throw unusable('account_id', value, 'it is not the 12 digits of an AWS account ID');
    }
    refuseOwnAccount(value, operator);
    return value;
  },
  bucket_name: (value) => {
    const { bucket } = parseLocation(`s3://${value}/`);
    if (bucket === value) return value;
    throw unusable('bucket_name', value, 'it is more than the name of a bucket');
  },
  // People write folders with and without the first slash.
  prefix: (value) => parseLocation(`s3://bucket/${value.replace(/^\//, '')}`).prefix,
  region: (value) => {
    if (Region.safeParse(value).success) return value;
    throw unusable('region', value, 'it is not a region, such as "eu-west-1"');
  },
};

function locationOf(read: Read): string | undefined {
  const bucket = read('bucket_name');
  if (bucket === undefined) return undefined;
  return formatLocation(readLocation(bucket, read('prefix')));
}

function accountOf(input: { readonly accountId?: string | undefined }, read: Read) {
  return { accountId: input.accountId ?? read('account_id') };
}

function reasonOf(error: CausewayError): string {
  if (CausewayError.is(error, 'property_not_usable')) return error.details.reason;
  if (CausewayError.is(error, 'invalid_role_arn')) return error.details.reason;
  if (CausewayError.is(error, 'invalid_location')) return error.details.reason;
  if (CausewayError.is(error, 'account_not_allowed')) return "it is the operator's own account";
  return error.message;
}

function unusable(
  property: ConnectProperty,
  value: string,
  reason: string,
  cause?: unknown,
): CausewayError {
  return new CausewayError('property_not_usable', { property, value, reason }, { cause });
}
