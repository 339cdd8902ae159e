import type { AclGrant, PolicySet, PublicAccessBlock, S3Settings } from '../model.ts';
import { items, malformed, readObject, shown } from '../parse/case-json.ts';

const ownerships = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'] as const;
const permissions = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'] as const;
const groups = ['AllUsers', 'AuthenticatedUsers'] as const;
const blocks = [
  'blockPublicAcls',
  'ignorePublicAcls',
  'blockPublicPolicy',
  'restrictPublicBuckets',
] as const;

/**
 * Reads the key `s3` of a case.
 *
 * @throws PolicySyntaxError for whatever is not one of the settings: a misspelt one must not widen the answer.
 */
export function readS3Settings(value: unknown): Pick<PolicySet, 's3'> {
  if (value === undefined || value === null) return {};
  const given = readObject(value, 's3', ['publicAccessBlock', 'objectOwner', 'ownership', 'acl']);
  const { publicAccessBlock, objectOwner, ownership, acl } = given;
  const settings: S3Settings = {
    ...(publicAccessBlock !== undefined && { publicAccessBlock: readBlock(publicAccessBlock) }),
    ...(objectOwner !== undefined && { objectOwner: readAccount(objectOwner, 's3.objectOwner') }),
    ...(ownership !== undefined && { ownership: oneOf(ownerships, ownership, 's3.ownership') }),
    ...(acl !== undefined && {
      acl: items(acl, 's3.acl').map((grant, index) => readGrant(grant, `s3.acl[${index}]`)),
    }),
  };
  return { s3: settings };
}

function readBlock(value: unknown): PublicAccessBlock {
  const path = 's3.publicAccessBlock';
  const given = readObject(value, path, blocks);
  for (const [key, setting] of Object.entries(given)) {
    if (typeof setting === 'boolean') continue;
    throw malformed(`${path}.${key}`, `found ${shown(setting)}`, 'Give true or false');
  }
  return given as PublicAccessBlock;
}

function readGrant(value: unknown, path: string): AclGrant {
  const given = readObject(value, path, ['grantee', 'permission']);
  const permission = oneOf(permissions, given['permission'], `${path}.permission`);
  return { grantee: readGrantee(given['grantee'], `${path}.grantee`), permission };
}

function readGrantee(value: unknown, path: string): AclGrant['grantee'] {
  const given = readObject(value, path, ['canonicalUser', 'account', 'group']);
  const { canonicalUser, account, group } = given;
  if (Object.keys(given).length !== 1) {
    throw malformed(path, `found ${shown(value)}`, 'Give one of canonicalUser, account, group');
  }
  if (group !== undefined) return { group: oneOf(groups, group, `${path}.group`) };
  if (account !== undefined) return { account: readAccount(account, `${path}.account`) };
  if (typeof canonicalUser === 'string' && canonicalUser !== '') return { canonicalUser };
  throw malformed(path, `found ${shown(value)}`, 'Give a string that is not empty');
}

function readAccount(value: unknown, path: string): string {
  if (typeof value === 'string' && /^\d{12}$/.test(value)) return value;
  throw malformed(path, `found ${shown(value)}`, 'Give an account number of 12 digits');
}

function oneOf<T extends string>(known: readonly T[], value: unknown, path: string): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw malformed(path, `found ${shown(value)}`, `Give one of ${known.join(', ')}`);
}
