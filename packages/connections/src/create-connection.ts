import {
  CausewayError,
  type Connection,
  type ConnectionCreate,
  newId,
  parseLocation,
  randomDigits,
} from '@causeway/contract';

/** What the operator is, as its customers' policies see it. */
export interface Operator {
  readonly accountId: string;
  /** The user or role that assumes the customers' roles; never a session ARN. */
  readonly principalArn: string;
}

/**
 * Makes a connection in status `draft`, with everything that is fixed from now on:
 * the external ID (130 random bits, never taken from a request) and the role name,
 * so that the role's ARN is known before the role exists.
 *
 * @throws CausewayError `invalid_location`; `account_not_allowed` for the
 * operator's own account, whose roles need no external ID.
 */
export function createConnection(
  input: ConnectionCreate,
  operator: Operator,
  now: Date = new Date(),
): Connection {
  const location = parseLocation(input.location);
  if (input.accountId === operator.accountId) {
    throw new CausewayError('account_not_allowed', { accountId: input.accountId });
  }
  const id = newId('connection', now.getTime());
  const roleName = `causeway-${randomDigits(12)}`;
  return {
    id,
    customerId: input.customerId,
    access: input.access,
    capabilities: [...new Set(input.capabilities)],
    bucket: location.bucket,
    prefix: location.prefix,
    region: null,
    accountId: input.accountId,
    externalId: newExternalId(),
    roleName,
    roleArn: `arn:${partitionOf(operator.principalArn)}:iam::${input.accountId}:role/${roleName}`,
    status: 'draft',
    lastCheck: null,
    createdAt: now.toISOString(),
  };
}

/** `cw-` and 26 digits of 5 bits: 130 random bits, within IAM's alphabet for external IDs. */
function newExternalId(): string {
  return `cw-${randomDigits(26)}`;
}

function partitionOf(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}
