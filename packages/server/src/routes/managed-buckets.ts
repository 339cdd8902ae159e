import {
  accessDetails,
  changeAccess,
  type ManagedDeps,
  previewBucket,
  provisionBucket,
  requireManaged,
  revokeAccess,
} from '@causeway/connections';
import type { Connection, ConnectionCreate } from '@causeway/contract';
import type { Exclusively, Records } from '@causeway/store';
import { api } from './implementer.ts';

export interface ManagedBucketRoutesDeps extends ManagedDeps {
  readonly exclusively: Exclusively;
  readonly newConnection: (input: ConnectionCreate, records: Records) => Promise<Connection>;
}

/** Every change works on the connection as it is once nobody else is changing it. */
export function managedBucketRoutes({
  exclusively,
  newConnection,
  ...deps
}: ManagedBucketRoutesDeps) {
  return {
    preview: api.managedBuckets.preview.handler(async ({ input, context }) =>
      previewBucket(requireManaged(await newConnection(input, context.store)), deps.operator),
    ),
    provision: api.managedBuckets.provision.handler(({ input: { id, ...request }, context }) =>
      exclusively(id, async () => {
        const { connections } = context.store;
        const connection = requireManaged(await connections.get(id));
        const opened = { ...connection, revokedAt: null };
        const made = await provisionBucket(opened, request, {
          ...deps,
          rename: async (names) =>
            requireManaged(await connections.update(id, (found) => merged(found, names))),
        });
        const { region, provisionedAt } = made;
        return connections.update(id, (found) =>
          merged(found, {
            region,
            provisionedAt,
            revokedAt: null,
            // What was revoked must show again that it works.
            ...(connection.revokedAt !== null && { status: 'draft' }),
          }),
        );
      }),
    ),
    accessDetails: api.managedBuckets.accessDetails.handler(async ({ input, context }) =>
      accessDetails(requireManaged(await context.store.connections.get(input.id)), deps.operator),
    ),
    changeAccess: api.managedBuckets.changeAccess.handler(({ input: { id, ...change }, context }) =>
      exclusively(id, async () => {
        const { connections } = context.store;
        const save = (changed: Connection) =>
          // A name or default that was set meanwhile stays, and so does how it is, where the way does.
          connections.update(id, ({ name, isDefault, status, lastCheck }) => ({
            ...changed,
            name,
            isDefault,
            ...(changed.status !== 'draft' && { status, lastCheck }),
          }));
        return changeAccess(requireManaged(await connections.get(id)), change, { ...deps, save });
      }),
    ),
    revokeAccess: api.managedBuckets.revokeAccess.handler(({ input: { id }, context }) =>
      exclusively(id, async () => {
        const { connections } = context.store;
        const connection = requireManaged(await connections.get(id));
        // Before AWS is told, so that no flow begins while the way in is being closed.
        await connections.update(id, (found) => merged(found, { status: 'paused' }));
        const { status, revokedAt } = await revokeAccess(connection, deps);
        return connections.update(id, (found) => merged(found, { status, revokedAt }));
      }),
    ),
  };
}

function merged(connection: Connection, change: Partial<Connection>): Connection {
  return { ...connection, ...change } as Connection;
}
