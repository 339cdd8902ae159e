import {
  type AccessKey,
  CausewayError,
  type Connection,
  type ConnectionBy,
  newId,
} from '@causeway/contract';

/** Two, so that a new one can be tried while the old one works. */
const mostKeys = 2;

/** @throws CausewayError `change_not_possible` for connections by anything else. */
export function requireKeyAccess(connection: Connection): ConnectionBy<'access_key'> {
  if (connection.access === 'access_key') return connection;
  throw new CausewayError('change_not_possible', {
    field: 'accessKeys',
    access: connection.access,
    reason: 'no keys are used there',
  });
}

export function newAccessKey(accessKeyId: string, now: Date): AccessKey {
  return {
    id: newId('accessKey', now.getTime()),
    lastFour: accessKeyId.slice(-4),
    addedAt: now.toISOString(),
    current: false,
  };
}

/** What is learned of a key when it is entered. */
export interface KeyOrigin {
  /** The account that the key belongs to; null where the store has no accounts. */
  readonly accountId: string | null;
  /** Whether whoever entered it may say which account is the customer's. */
  readonly mayConfirm: boolean;
}

/**
 * Adds a key. The first is the one in use, and a connection without an account gets that
 * of the key.
 *
 * @throws CausewayError `access_key_refused` when there are two already.
 */
export function addAccessKey(
  connection: ConnectionBy<'access_key'>,
  key: AccessKey,
  origin: KeyOrigin,
): ConnectionBy<'access_key'> {
  const { accessKeys } = connection;
  if (accessKeys.length >= mostKeys) {
    throw refused(key, `the connection has ${mostKeys} already: remove one first`);
  }
  const isFirst = accessKeys.length === 0;
  const learned = connection.accountId === null && origin.accountId !== null;
  return {
    ...connection,
    accessKeys: [...accessKeys, { ...key, current: isFirst }],
    ...(isFirst && unproved(connection)),
    ...(learned && { accountId: origin.accountId, accountConfirmed: origin.mayConfirm }),
  };
}

/** What was checked with another key, or with none, counts no more. What a person paused stays so. */
function unproved({ status }: Connection): Pick<Connection, 'status' | 'lastCheck'> {
  return { status: status === 'paused' ? status : 'draft', lastCheck: null };
}

/** Makes a key the one in use. @throws CausewayError `not_found`. */
export function useAccessKey(
  connection: ConnectionBy<'access_key'>,
  keyId: string,
): ConnectionBy<'access_key'> {
  requireKey(connection, keyId);
  const accessKeys = connection.accessKeys.map((key) => ({ ...key, current: key.id === keyId }));
  return { ...connection, accessKeys };
}

/**
 * Takes a key away. Without any, the connection is a draft again.
 *
 * @throws CausewayError `not_found`; `access_key_refused` for the one in use while another
 * stands by, which would then be used without having been tried.
 */
export function removeAccessKey(
  connection: ConnectionBy<'access_key'>,
  keyId: string,
): ConnectionBy<'access_key'> {
  const key = requireKey(connection, keyId);
  const accessKeys = connection.accessKeys.filter(({ id }) => id !== keyId);
  if (key.current && accessKeys.length > 0) {
    throw refused(key, 'it is in use: make the other one current first');
  }
  return { ...connection, accessKeys, ...(key.current && unproved(connection)) };
}

/** @throws CausewayError `not_found`. */
export function requireKey(connection: ConnectionBy<'access_key'>, keyId: string): AccessKey {
  const key = connection.accessKeys.find(({ id }) => id === keyId);
  if (key) return key;
  throw new CausewayError('not_found', { kind: 'access key', id: keyId });
}

function refused({ lastFour }: AccessKey, reason: string): CausewayError {
  return new CausewayError('access_key_refused', { lastFour, reason });
}
