import { type ConnectionBy, type PlacedConnection, writeOptionsOf } from '@causeway/contract';
import { type AccessInput, accessDocuments, permissionsPolicy } from '@causeway/policy';
import { rolePath } from '../customer-role.ts';
import type { Operator } from '../operator.ts';
import { partitionOfOperator } from '../operator-without-account.ts';
import { placedRights } from '../placed-rights.ts';

/** The documents of a setup that follows the guide, by name; compare `accessDocuments`. */
export type ExpectedDocuments = Readonly<Record<string, object | undefined>>;

/**
 * What the setup should look like. A store without accounts has no principals to name,
 * so only the permissions can be written down for it.
 */
export function expectedDocuments(
  connection: PlacedConnection,
  operator: Operator,
  origins: readonly string[] = [],
): ExpectedDocuments {
  const input = accessInput(connection, operator, origins);
  if (input === null) {
    return { permissionsPolicy: permissionsPolicy(placedRights(connection)) };
  }
  return Object.fromEntries(accessDocuments(input).map(({ name, document }) => [name, document]));
}

/**
 * Tells the statements of connections to the same bucket apart. The end of the id is
 * random; IAM wants letters and digits.
 */
export function labelOf({ id }: Pick<PlacedConnection, 'id'>): string {
  return id.slice(-8).replaceAll(/[^0-9A-Za-z]/g, '');
}

/** A connection as the generators take it; null while no account is known. */
export function accessInput(
  connection: PlacedConnection,
  operator: Operator,
  origins: readonly string[] = [],
): AccessInput | null {
  const { access, accountId } = connection;
  if (accountId === null) return null;
  const partition = partitionOfOperator(operator);
  const { kmsKeyArn } = writeOptionsOf(connection);
  const label = labelOf(connection);
  const place = {
    ...placedRights(connection),
    partition,
    ...(kmsKeyArn !== null && { kmsKeyArn }),
  };
  const shared = { access, accountId, ...place, origins, label };
  switch (connection.access) {
    case 'role': {
      const { externalId } = connection;
      const { principalArn, otherPrincipalArn } = operator;
      const operatorPrincipals =
        otherPrincipalArn === undefined ? [principalArn] : [principalArn, otherPrincipalArn];
      return { ...shared, principalName: nameWithPath(connection), externalId, operatorPrincipals };
    }
    case 'web_identity': {
      const { issuer, audience, subject } = connection;
      return { ...shared, principalName: nameWithPath(connection), issuer, audience, subject };
    }
    case 'access_key':
      return { ...shared, principalName: connection.userName };
    case 'bucket_policy':
      return { ...shared, ...managedInput(connection) };
    case 'operator_role': {
      const { roleName: principalName, externalId } = connection;
      const operatorAccountId = operator.accountId;
      const managed = { ...shared, ...managedInput(connection), principalName, operatorAccountId };
      return externalId === null ? managed : { ...managed, externalId };
    }
  }
}

/** A role's name as ARNs have it. */
function nameWithPath(connection: ConnectionBy<'role'> | ConnectionBy<'web_identity'>): string {
  return `${rolePath(connection).slice(1)}${connection.roleName}`;
}

/** What both accesses of managed buckets have: the customer's account, and how the bucket is made. */
function managedInput({
  customerAccountId,
  settings: { ownership, kmsKeyArn },
  receipts,
}: Pick<ConnectionBy<'bucket_policy'>, 'customerAccountId' | 'settings' | 'receipts'>) {
  return {
    accountId: customerAccountId,
    receipts,
    ownerFullControl: ownership === 'bucket_owner_full_control',
    ...(kmsKeyArn !== null && { kmsKeyArn }),
  };
}
