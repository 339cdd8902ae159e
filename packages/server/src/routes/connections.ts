import {
  afterCheck,
  checkConnection,
  confirmAccount,
  createConnection,
  diagnose,
  fillFromProperties,
  type Issuer,
  newTokenClaims,
  requirePlaced,
  updateConnection,
} from '@causeway/connections';
import type { Connection, ConnectionCreate } from '@causeway/contract';
import type { Records } from '@causeway/store';
import type { CheckAccess } from '../check-access.ts';
import { createCheckGate } from '../check-gate.ts';
import { createRateLimit } from '../rate-limit.ts';
import { api } from './implementer.ts';
import { type SetupAccess, setupRoutes } from './setup.ts';

/** Makes a connection as a request and its customer's properties describe it, and keeps nothing yet. */
export async function newConnection(
  given: ConnectionCreate,
  { customers }: Pick<Records, 'customers'>,
  { operator, identityTokens, endpoints }: CheckAccess,
  issuer: Issuer,
): Promise<Connection> {
  const { properties } = await customers.get(given.customerId);
  const input = fillFromProperties(given, properties, operator);
  const claims = await newTokenClaims(input, issuer, identityTokens);
  return createConnection(input, {
    operator,
    issuer,
    ...(claims && { tokenClaims: claims }),
    ...(endpoints && { endpoints }),
  });
}

export function connectionRoutes(access: CheckAccess & SetupAccess, issuer: Issuer) {
  const { operator } = access;
  const gate = createCheckGate();
  // It asks nobody else, but takes its time to think, and whoever has a setup link may ask.
  const diagnoses = createRateLimit({ what: 'judge policies', burst: 20, secondsEach: 3 });
  return {
    create: api.connections.create.handler(async ({ input, context }) =>
      context.store.connections.insert(await newConnection(input, context.store, access, issuer)),
    ),
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
    diagnose: api.connections.diagnose.handler(async ({ input: { id, ...pasted }, context }) => {
      if (context.session !== null) diagnoses.take(id);
      return diagnose(requirePlaced(await context.store.connections.get(id)), pasted, operator);
    }),
    check: api.connections.check.handler(async ({ input, context, signal }) => {
      const { connections } = context.store;
      const connection = requirePlaced(await connections.get(input.id));
      const { waitSeconds } = input;
      const check = async (signal: AbortSignal) => {
        const report = await checkConnection(connection, { ...access, waitSeconds, signal });
        await connections.saveCheck(connection, report, (before) => afterCheck(before, report));
        return report;
      };
      return gate.check(connection, check, signal);
    }),
  };
}
