import {
  type AccessChange,
  type ConnectionBy,
  ConnectionCreate,
  type ManagedConnection,
  type ProvisionRequest,
} from '@causeway/contract';
import { createConnection } from '../create-connection.ts';
import { changeAccess } from '../managed/change-access.ts';
import type { ManagedDeps } from '../managed/managed-deps.ts';
import { provisionBucket } from '../managed/provision-bucket.ts';
import type { Keys } from './customer-user.ts';
import { customerAccount, issuer, operator } from './sample-customer.ts';

export type ManagedAccessName = 'bucket_policy' | 'operator_role';

/** A new connection to a managed bucket, which is not there yet. */
export function newManaged<A extends ManagedAccessName>(
  access: A,
  change: object = {},
): ConnectionBy<A> & { bucket: string } {
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    capabilities: ['deliver', 'ingest'],
    resourceId: 'acme',
    accountId: customerAccount,
    access,
    ...change,
  });
  return createConnection(input, { operator, issuer }) as ConnectionBy<A> & { bucket: string };
}

/** The operator, whose part the tests take. */
export function managedOperator(endpoint: string, credentials: Keys) {
  const deps: ManagedDeps = { operator, credentials: async () => credentials, endpoint };
  return {
    deps,
    provision(
      connection: ManagedConnection,
      request: Partial<ProvisionRequest> = {},
    ): Promise<ManagedConnection> {
      return provisionBucket(
        connection,
        { bucketPolicy: 'merge', ...request },
        {
          ...deps,
          rename: async (names) => ({ ...connection, ...names }) as ManagedConnection,
        },
      );
    },
    async changeAccess(
      connection: ManagedConnection,
      access: ManagedAccessName,
      more: Omit<AccessChange, 'access'> = {},
    ): Promise<ManagedConnection> {
      const change = { access, ...more };
      const save = async (changed: ManagedConnection) => changed;
      return (await changeAccess(connection, change, { ...deps, save })) as ManagedConnection;
    },
  };
}
