import {
  afterCheck,
  type CheckDeps,
  checkConnection,
  confirmAccount,
  createConnection,
  diagnose,
  type IdentityTokens,
  type Issuer,
  newTokenClaims,
  requirePlaced,
  updateConnection,
} from '@causeway/connections';
import { api } from './implementer.ts';
import { type SetupAccess, setupRoutes } from './setup.ts';

/** How customers' roles are assumed and their buckets found. */
export type CheckAccess = Pick<
  CheckDeps,
  'operator' | 'credentials' | 'region' | 'endpoint' | 'endpoints' | 'secrets' | 'browserOrigins'
> & {
  readonly identityTokens: IdentityTokens;
};

export function connectionRoutes(access: CheckAccess & SetupAccess, issuer: Issuer) {
  const { operator } = access;
  return {
    create: api.connections.create.handler(async ({ input, context }) => {
      const claims = await newTokenClaims(input, issuer, access.identityTokens);
      const { endpoints } = access;
      const deps = {
        operator,
        issuer,
        ...(claims && { tokenClaims: claims }),
        ...(endpoints && { endpoints }),
      };
      return context.store.connections.insert(createConnection(input, deps));
    }),
    list: api.connections.list.handler(({ input, context }) =>
      context.store.connections.list(input),
    ),
    get: api.connections.get.handler(({ input, context }) =>
      context.store.connections.get(input.id),
    ),
    update: api.connections.update.handler(({ input: { id, ...change }, context }) =>
      context.store.connections.update(id, (connection) =>
        updateConnection(connection, change, operator),
      ),
    ),
    confirmAccount: api.connections.confirmAccount.handler(({ input, context }) =>
      context.store.connections.update(input.id, (connection) =>
        confirmAccount(connection, input.accountId),
      ),
    ),
    ...setupRoutes(access),
    diagnose: api.connections.diagnose.handler(async ({ input: { id, ...pasted }, context }) =>
      diagnose(requirePlaced(await context.store.connections.get(id)), pasted, operator),
    ),
    check: api.connections.check.handler(async ({ input, context, signal }) => {
      const { connections } = context.store;
      const connection = requirePlaced(await connections.get(input.id));
      const { waitSeconds } = input;
      const deps = { ...access, waitSeconds, ...(signal && { signal }) };
      const report = await checkConnection(connection, deps);
      await connections.saveCheck(connection, report, (before) => afterCheck(before, report));
      return report;
    }),
  };
}
