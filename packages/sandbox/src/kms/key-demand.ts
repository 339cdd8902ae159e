import type { Demand } from '../access/authorize.ts';
import { type Context, tagContext } from '../access/context.ts';
import { livePolicy } from '../access/named-principals.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import type { World } from '../world.ts';
import type { FoundKey } from './find-key.ts';
import { keyArn } from './key-arn.ts';

/**
 * The demand to use or manage a key, with what its policy may ask about it.
 *
 * @param more keys of this request alone, such as those of the encryption context.
 */
export function keyDemand(
  action: string,
  { key, alias }: FoundKey,
  callerAccount: string,
  world: Pick<World, 'state' | 'policies' | 'iam'>,
  more: Context = {},
): Demand {
  return {
    action,
    resource: keyArn(key),
    resourceAccount: key.accountId,
    resourcePolicy: livePolicy(
      { document: key.policy, ids: key.policyPrincipalIds },
      { name: 'key policy', type: 'key' },
      world,
    ),
    context: {
      'kms:CallerAccount': callerAccount,
      'kms:KeySpec': 'SYMMETRIC_DEFAULT',
      'kms:KeyUsage': 'ENCRYPT_DECRYPT',
      'kms:KeyOrigin': 'AWS_KMS',
      'kms:MultiRegion': 'false',
      'kms:ResourceAliases': aliasesOf(key, world),
      ...(alias !== null && { 'kms:RequestAlias': alias }),
      ...tagContext('aws:ResourceTag', key.tags),
      ...more,
    },
  };
}

/** The condition keys of a cryptographic operation. */
export function encryptionContextKeys(
  encryptionContext: Readonly<Record<string, string>>,
): Context {
  const keys: Record<string, string | readonly string[]> = {
    'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
    // An empty list counts as an absent key, as on AWS.
    'kms:EncryptionContextKeys': Object.keys(encryptionContext),
  };
  for (const [name, value] of Object.entries(encryptionContext)) {
    keys[`kms:EncryptionContext:${name}`] = value;
  }
  return keys;
}

function aliasesOf(key: KmsKeyRecord, { state }: Pick<World, 'state'>): string[] {
  return [...state.kmsAliases.under(`${key.accountId}/${key.region}/`)]
    .filter((alias) => alias.keyId === key.id)
    .map((alias) => alias.name);
}
