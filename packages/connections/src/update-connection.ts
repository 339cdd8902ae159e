import { isDeepStrictEqual } from 'node:util';
import {
  CausewayError,
  type Connection,
  type ConnectionUpdate,
  parseLocation,
  type WriteOptions,
  type WriteOptionsUpdate,
} from '@causeway/contract';
import { isElsewhere } from './access-keys/store-reach.ts';
import { refuseOwnAccount, roleArnIn } from './customer-role.ts';
import type { Operator } from './operator.ts';
import { refuseWriteKey } from './refuse-write-key.ts';

/**
 * Changes what may be changed of a connection. A new place or account decides where
 * data goes, so it makes a draft of the connection, and what was checked counts no more. So do
 * other write options: they take other rights.
 *
 * @throws CausewayError `invalid_location`, `account_not_allowed`, `invalid_request` for a key that
 * cannot be used and for write options of a managed bucket; `change_not_possible` for the place
 * and account of one, which are fixed.
 */
export function updateConnection(
  connection: Connection,
  update: ConnectionUpdate,
  operator: Operator,
): Connection {
  const named = {
    ...connection,
    ...(update.name !== undefined && { name: update.name }),
    ...(update.isDefault && { isDefault: true }),
    ...(update.overwrites !== undefined && { overwrites: update.overwrites }),
  };
  const written = update.writeOptions
    ? writeOtherwise(named, update.writeOptions, operator)
    : named;
  const paused = update.paused === undefined ? written : pauseOrResume(written, update.paused);
  if (update.location === undefined && update.accountId === undefined) return paused;
  if (paused.owner === 'operator') throw fixed(update);
  refuseOwnAccount(update.accountId, operator);
  const place = update.location === undefined ? {} : parseLocation(update.location);
  const moved = { ...paused, ...place, ...unproved(paused) };
  return update.accountId === undefined ? moved : setAccount(moved, update.accountId, operator);
}

/** What was proved of another place counts no more. */
function unproved(connection: Connection) {
  // Stores elsewhere may not tell their region, and then it was given.
  const region = isElsewhere(connection) ? connection.region : null;
  return { region, ...unchecked(connection) } as const;
}

/** What a person paused stays so. */
function unchecked({ status }: Connection) {
  return { status: status === 'paused' ? 'paused' : 'draft', lastCheck: null } as const;
}

/** What was proved of the place stays true; what may be done there must be proved again. */
function writeOtherwise(
  connection: Connection,
  update: WriteOptionsUpdate,
  operator: Operator,
): Connection {
  if (connection.owner === 'operator') {
    const message = "is for buckets of the customer's: a managed bucket has settings of its own";
    throw new CausewayError('invalid_request', { issues: [{ path: 'writeOptions', message }] });
  }
  const writeOptions = mergeOptions(connection.writeOptions, update);
  if (isDeepStrictEqual(writeOptions, connection.writeOptions)) return connection;
  const endpoint = connection.access === 'access_key' ? connection.endpoint : null;
  refuseWriteKey(writeOptions, { endpoint }, operator);
  return { ...connection, writeOptions, ...unchecked(connection) };
}

function mergeOptions(
  before: WriteOptions,
  {
    kmsKeyArn = before.kmsKeyArn,
    storageClass = before.storageClass,
    tags = before.tags,
    acl = before.acl,
  }: WriteOptionsUpdate,
): WriteOptions {
  return { kmsKeyArn, storageClass, tags, acl };
}

/** An account brings the ARN of the role with it, whose name and path were fixed before. */
function setAccount(
  connection: Extract<Connection, { owner: 'customer' }>,
  accountId: string,
  operator: Operator,
): Connection {
  const known = { accountId, accountConfirmed: true };
  if (connection.access === 'access_key') return { ...connection, ...known };
  return { ...connection, ...known, roleArn: roleArnIn(accountId, connection, operator) };
}

/**
 * Says that the account, which came through a setup link, is the customer's.
 *
 * @throws CausewayError `account_mismatch` when the connection has another one, or none.
 */
export function confirmAccount(connection: Connection, accountId: string): Connection {
  if (connection.accountId === accountId) return { ...connection, accountConfirmed: true };
  throw new CausewayError('account_mismatch', {
    connectionId: connection.id,
    expected: accountId,
    found: connection.accountId,
  });
}

/** What was paused must show again that it works. */
function pauseOrResume(connection: Connection, paused: boolean): Connection {
  if (paused) return { ...connection, status: 'paused' };
  return connection.status === 'paused' ? { ...connection, status: 'draft' } : connection;
}

function fixed(update: ConnectionUpdate): CausewayError {
  return new CausewayError('change_not_possible', {
    field: update.location === undefined ? 'accountId' : 'location',
    access: 'bucket_policy or operator_role',
    reason: 'the bucket was made for one account, in one place',
  });
}
