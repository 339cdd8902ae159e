import {
  CausewayError,
  type Connection,
  formatLocation,
  type PlaceUpdate,
  readLocation,
} from '@causeway/contract';
import type { Operator } from '../operator.ts';
import { updateConnection } from '../update-connection.ts';

/**
 * Changes where a connection leads, as whoever holds its setup link says. That decides
 * who receives the data, so an account which the link does not fix counts as
 * unconfirmed until the operator confirms it. What stays the same is left as it is.
 *
 * @throws CausewayError `account_pinned` for another account than the link's; else as
 * {@link updateConnection}.
 */
export function setUpByLink(
  connection: Connection,
  place: PlaceUpdate,
  expectedAccountId: string | null,
  operator: Operator,
): Connection {
  const { bucket, prefix } = place;
  const accountId = place.accountId ?? connection.accountId ?? expectedAccountId ?? undefined;
  if (expectedAccountId !== null && accountId !== undefined && accountId !== expectedAccountId) {
    throw new CausewayError('account_pinned', { expected: expectedAccountId, found: accountId });
  }
  const location =
    bucket === undefined && prefix === undefined
      ? undefined
      : formatLocation(readLocation(bucket ?? connection.bucket ?? '', prefix));
  const isMoved = location !== undefined && location !== placeOf(connection);
  const isOther = accountId !== undefined && accountId !== connection.accountId;
  if (!isMoved && !isOther) return connection;
  const changed = updateConnection(
    connection,
    { ...(isMoved && { location }), ...(isOther && { accountId }) },
    operator,
  );
  if (!isOther) return changed;
  return { ...changed, accountConfirmed: accountId === expectedAccountId };
}

function placeOf({ bucket, prefix }: Connection): string | null {
  return bucket === null ? null : formatLocation({ bucket, prefix });
}
