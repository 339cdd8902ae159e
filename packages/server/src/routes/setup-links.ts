import { confirmAccount, type Operator, updateConnection } from '@causeway/connections';
import type { Connection, ConnectionCreate } from '@causeway/contract';
import type { Records } from '@causeway/store';
import { api } from './implementer.ts';

export interface SetupLinkRoutesDeps {
  readonly operator: Operator;
  /** Where customers reach this server. */
  readonly publicUrl: string;
  readonly newConnection: (input: ConnectionCreate, records: Records) => Promise<Connection>;
}

export function setupLinkRoutes({ operator, publicUrl, newConnection }: SetupLinkRoutesDeps) {
  return {
    create: api.setupLinks.create.handler(async ({ input, context }) => {
      const { expectedAccountId = null, expiresInDays } = input;
      const pin = (connection: Connection) => pinAccount(connection, expectedAccountId, operator);
      const subject =
        'connectionId' in input
          ? { id: input.connectionId, change: pin }
          : { insert: pin(await newConnection(input.connection, context.store)) };
      const terms = { expectedAccountId, expiresInDays };
      const { link, token } = await context.store.setupLinks.create(subject, terms);
      return { ...link, url: `${publicUrl}/connect#${token}` };
    }),
    list: api.setupLinks.list.handler(({ input, context }) => context.store.setupLinks.list(input)),
    revoke: api.setupLinks.revoke.handler(({ input, context }) =>
      context.store.setupLinks.revoke(input.id),
    ),
  };
}

/** The operator has said which account it is, so there is nothing left to ask or to confirm. */
function pinAccount(
  connection: Connection,
  expectedAccountId: string | null,
  operator: Operator,
): Connection {
  if (expectedAccountId === null) return connection;
  if (connection.accountId !== null) return confirmAccount(connection, expectedAccountId);
  return updateConnection(connection, { accountId: expectedAccountId }, operator);
}
