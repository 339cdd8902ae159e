import { type Connection, healthOf, plainWriteOptions } from '@causeway/contract';
import type { Insertable, Selectable } from 'kysely';
import type { Database } from '../database.ts';

type ConnectionRow = Selectable<Database['connections']>;

/** A connection as a row: what is looked for across connections in columns, the rest in `details`. */
export function connectionRow(connection: Connection): Insertable<Database['connections']> {
  const { lastCheck } = connection;
  return {
    id: connection.id,
    customer_id: connection.customerId,
    name: connection.name,
    is_default: connection.isDefault,
    owner: connection.owner,
    access: connection.access,
    capabilities: connection.capabilities,
    overwrites: connection.overwrites,
    bucket: connection.bucket,
    prefix: connection.prefix,
    region: connection.region,
    account_id: connection.accountId,
    account_confirmed: connection.accountConfirmed,
    external_id: 'externalId' in connection ? connection.externalId : null,
    role_arn: 'roleArn' in connection ? connection.roleArn : null,
    details: JSON.stringify(detailsOf(connection)),
    status: connection.status,
    last_check: lastCheck === null ? null : JSON.stringify(lastCheck),
    last_checked_at: lastCheck?.checkedAt ?? null,
    status_since: connection.health.since,
    next_check_at: connection.health.nextCheckAt,
    created_at: connection.createdAt,
  };
}

function detailsOf(connection: Connection): object {
  switch (connection.access) {
    case 'role': {
      const { roleName, existingRole, writeOptions } = connection;
      return { roleName, existingRole, writeOptions };
    }
    case 'web_identity': {
      const { roleName, existingRole, issuer, audience, subject, writeOptions } = connection;
      return { roleName, existingRole, issuer, audience, subject, writeOptions };
    }
    case 'access_key': {
      const { userName, endpoint, accessKeys, writeOptions } = connection;
      return { userName, endpoint, accessKeys, writeOptions };
    }
    case 'bucket_policy':
      return managedDetails(connection);
    case 'operator_role':
      return { ...managedDetails(connection), roleName: connection.roleName };
  }
}

function managedDetails(connection: Extract<Connection, { owner: 'operator' }>): object {
  const { resourceId, customerAccountId, bucketArn, settings, receipts } = connection;
  const { provisionedAt, revokedAt } = connection;
  return { resourceId, customerAccountId, bucketArn, settings, receipts, provisionedAt, revokedAt };
}

/** The reverse of {@link connectionRow}: rows are only ever written from connections. */
export function toConnection(row: ConnectionRow): Connection {
  const roles = { role: true, web_identity: true, operator_role: true } as const;
  const ofCustomer = { role: true, web_identity: true } as const;
  const withExternalId = { role: true, operator_role: true } as const;
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    isDefault: row.is_default,
    owner: row.owner,
    access: row.access,
    capabilities: row.capabilities,
    overwrites: row.overwrites,
    bucket: row.bucket,
    prefix: row.prefix,
    region: row.region,
    accountId: row.account_id,
    accountConfirmed: row.account_confirmed,
    ...(row.access in roles && { roleArn: row.role_arn }),
    ...(row.access in withExternalId && { externalId: row.external_id }),
    // Details of older rows do not say these.
    ...(row.access in ofCustomer && { existingRole: false }),
    ...(row.owner === 'customer' && { writeOptions: plainWriteOptions }),
    // Their policies were made without: they shall not look as if somebody had changed them.
    ...(row.owner === 'operator' && { receipts: false }),
    ...row.details,
    status: row.status,
    lastCheck: row.last_check,
    health: readHealth(row),
    createdAt: row.created_at,
  } as Connection;
}

function readHealth(row: ConnectionRow): Connection['health'] {
  return healthOf({
    status: row.status,
    accountId: row.account_id,
    accountConfirmed: row.account_confirmed,
    lastCheck: row.last_check,
    since: row.status_since,
    nextCheckAt: row.next_check_at,
  });
}
