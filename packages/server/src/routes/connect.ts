import { type Operator, setUpByLink } from '@causeway/connections';
import { CausewayError, type Connection, type ConnectView } from '@causeway/contract';
import type { SetupSession } from '@causeway/store';
import type { OperationContext } from '../operation-context.ts';
import { createRateLimit } from '../rate-limit.ts';
import { api } from './implementer.ts';

/** What the holder of a setup link does, beside the operations that are marked as possible in a session. */
export function connectRoutes(operator: Operator, operatorName: string) {
  // A token cannot be guessed; this is so that nobody keeps the database busy by trying.
  const limit = createRateLimit({ what: 'open a setup link', burst: 30, secondsEach: 2 });
  return {
    createSession: api.connect.createSession.handler(({ input, context }) => {
      limit.take(context.remoteAddress);
      return context.store.setupLinks.open(input.token);
    }),
    get: api.connect.get.handler(async ({ context }) => {
      const session = requireSession(context);
      const connection = await context.store.connections.get(session.connectionId);
      return { operatorName, ...(await view(connection, session, context)) };
    }),
    update: api.connect.update.handler(async ({ input, context }) => {
      const session = requireSession(context);
      const { connectionId, expectedAccountId } = session;
      const connection = await context.store.connections.update(connectionId, (before) =>
        setUpByLink(before, input, expectedAccountId, operator),
      );
      return { operatorName, ...(await view(connection, session, context)) };
    }),
  };
}

function requireSession({ session }: OperationContext): SetupSession {
  if (session === null) throw new CausewayError('session_ended', {});
  return session;
}

async function view(
  connection: Connection,
  { expectedAccountId, expiresAt }: SetupSession,
  { store }: OperationContext,
): Promise<Omit<ConnectView, 'operatorName'>> {
  const { name } = await store.customers.get(connection.customerId);
  return { customerName: name, expectedAccountId, expiresAt, connection };
}
