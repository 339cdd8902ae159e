import type { Caller } from '../access/caller.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import type { World } from '../world.ts';
import { aliasKey, keyArn } from './key-arn.ts';
import { deniedAcrossAccounts, kmsError, notFound } from './kms-error.ts';

/** Who looks for a key, where, and to do what. */
export interface KeySearch {
  readonly world: Pick<World, 'state' | 'now'>;
  readonly caller: Caller;
  readonly region: string;
  /** Such as `kms:Decrypt`: a foreign account is told no more than that it may not. */
  readonly action: string;
}

export interface FoundKey {
  readonly key: KmsKeyRecord;
  /** `alias/…`, when the key was named by one: the condition key `kms:RequestAlias`. */
  readonly alias: string | null;
}

const keyIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Finds the key that an id, a key ARN, an alias or an alias ARN names. Ids and
 * aliases without an account are the caller's own.
 *
 * @throws AwsError `NotFoundException`, or `AccessDeniedException` for a key of another account.
 */
export function findKey(named: string, search: KeySearch): FoundKey {
  const [, region, accountId, resource] =
    /^arn:aws:kms:([^:]*):(\d{12}):((?:key|alias)\/.+)$/.exec(named) ?? [];
  if (resource === undefined) {
    const own = search.caller.accountId ?? '';
    return named.startsWith('alias/')
      ? { key: findByAlias(named, own, search), alias: named }
      : { key: findById(named, own, search), alias: null };
  }
  if (region !== search.region) throw notFound(`Invalid arn ${region}`);
  if (resource.startsWith('alias/')) {
    return { key: findByAlias(resource, accountId ?? '', search), alias: resource };
  }
  return { key: findById(resource.slice('key/'.length), accountId ?? '', search), alias: null };
}

/** The key with this id, whoever owns it; null when there is none any more. */
export function keyWithId(
  id: string,
  { state, now }: Pick<World, 'state' | 'now'>,
): KmsKeyRecord | null {
  const key = state.kmsKeys.get(id);
  if (!key) return null;
  const isGone = key.deletionAt !== null && Date.parse(key.deletionAt) <= now().getTime();
  return isGone ? null : key;
}

/** @throws AwsError `DisabledException` or `KMSInvalidStateException` unless the key can be used. */
export function mustBeEnabled(key: KmsKeyRecord): void {
  if (key.state === 'Disabled') throw kmsError('DisabledException', `${keyArn(key)} is disabled.`);
  mustNotBeDoomed(key);
}

/** @throws AwsError `KMSInvalidStateException` for a key that is pending deletion. */
export function mustNotBeDoomed(key: KmsKeyRecord): void {
  if (key.state !== 'PendingDeletion') return;
  throw kmsError('KMSInvalidStateException', `${keyArn(key)} is pending deletion.`);
}

function findById(id: string, accountId: string, search: KeySearch): KmsKeyRecord {
  if (!keyIdPattern.test(id)) throw notFound(`Invalid keyId '${id}'`);
  const key = keyWithId(id, search.world);
  if (key?.accountId === accountId && key.region === search.region) return key;
  const arn = `arn:aws:kms:${search.region}:${accountId}:key/${id}`;
  throw missing(`Key '${arn}' does not exist`, accountId, search);
}

function findByAlias(name: string, accountId: string, search: KeySearch): KmsKeyRecord {
  const { world, region } = search;
  const alias = world.state.kmsAliases.get(aliasKey({ accountId, region, name }));
  const key = alias ? keyWithId(alias.keyId, world) : null;
  if (key) return key;
  throw missing(
    `Alias arn:aws:kms:${region}:${accountId}:${name} is not found.`,
    accountId,
    search,
  );
}

function missing(message: string, accountId: string, { caller, action }: KeySearch) {
  if (accountId === caller.accountId) return notFound(message);
  return kmsError('AccessDeniedException', deniedAcrossAccounts(caller, { action }));
}
