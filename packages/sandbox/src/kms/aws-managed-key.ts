import type { KmsKeyRecord } from '../state/kms-records.ts';
import type { World } from '../world.ts';
import { keyWithId } from './find-key.ts';
import { aliasKey } from './key-arn.ts';
import { newKey } from './keys.ts';

/** The alias of the key that AWS keeps in each account and region for S3. */
export const s3KeyAlias = 'alias/aws/s3';

/** The key that AWS manages for S3 in an account, created when it is first used. */
export function awsManagedS3Key(accountId: string, region: string, world: World): KmsKeyRecord {
  const { state, now } = world;
  const place = { accountId, region, name: s3KeyAlias };
  const known = state.kmsAliases.get(aliasKey(place));
  const existing = known ? keyWithId(known.keyId, world) : null;
  if (existing) return existing;
  const key: KmsKeyRecord = {
    ...newKey(accountId, region, now()),
    description: 'Default key that protects my S3 objects when no other key is defined',
    policy: s3KeyPolicy(accountId, region),
    manager: 'AWS',
    rotation: { since: now().toISOString(), periodDays: 365 },
  };
  const alias = { ...place, keyId: key.id, createdAt: key.createdAt, updatedAt: key.createdAt };
  state.commit(state.kmsKeys.put(key.id, key), state.kmsAliases.put(aliasKey(alias), alias));
  return key;
}

/**
 * As AWS writes it. It opens the key to everyone of the account, through S3 only,
 * and cannot be changed: no other account can ever use the key.
 */
function s3KeyPolicy(accountId: string, region: string): string {
  const document = {
    Version: '2012-10-17',
    Id: 'auto-s3-2',
    Statement: [
      {
        Sid: 'Allow access through S3 for all principals in the account that are authorized to use S3',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: {
            'kms:ViaService': `s3.${region}.amazonaws.com`,
            'kms:CallerAccount': accountId,
          },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  };
  return JSON.stringify(document, null, 2);
}
