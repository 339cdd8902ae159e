import type { KmsAliasRecord, KmsKeyRecord } from '../state/kms-records.ts';

export function keyArn({ region, accountId, id }: KmsKeyRecord): string {
  return `arn:aws:kms:${region}:${accountId}:key/${id}`;
}

export function aliasArn({
  region,
  accountId,
  name,
}: Pick<KmsAliasRecord, 'region' | 'accountId' | 'name'>): string {
  return `arn:aws:kms:${region}:${accountId}:${name}`;
}

/** The key of an alias among the aliases. */
export function aliasKey({
  region,
  accountId,
  name,
}: Pick<KmsAliasRecord, 'region' | 'accountId' | 'name'>): string {
  return `${accountId}/${region}/${name}`;
}
