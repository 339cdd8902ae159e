import type {
  AclGrant,
  BucketAccess,
  ObjectOwnership,
  PublicAccessBlock,
} from '../../state/access-records.ts';
import type { BucketRecord, ObjectRecord } from '../../state/records.ts';
import type { State } from '../../state/state.ts';

/**
 * What a new bucket has: nothing public, and no access control lists.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
 */
export const newBucket: BucketAccess = {
  ownership: 'BucketOwnerEnforced',
  publicAccessBlock: {
    blockPublicAcls: true,
    ignorePublicAcls: true,
    blockPublicPolicy: true,
    restrictPublicBuckets: true,
  },
  grants: null,
};

const noBlock: PublicAccessBlock = {
  blockPublicAcls: false,
  ignorePublicAcls: false,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
};

export function accessOf(bucket: BucketRecord): BucketAccess {
  return bucket.access ?? newBucket;
}

/** The bucket with other settings in part. */
export function withAccess(bucket: BucketRecord, changes: Partial<BucketAccess>): BucketRecord {
  return { ...bucket, access: { ...accessOf(bucket), ...changes } };
}

/** Without ownership controls the writer of an object owns it, as in buckets from before there were any. */
export function ownershipOf(bucket: BucketRecord): ObjectOwnership {
  return accessOf(bucket).ownership ?? 'ObjectWriter';
}

/** The block that holds for a bucket: a setting counts when the bucket has it or its account. */
export function publicAccessBlockOf(state: State, bucket: BucketRecord): PublicAccessBlock {
  const own = accessOf(bucket).publicAccessBlock ?? noBlock;
  const account = state.accountSettings.get(bucket.accountId)?.publicAccessBlock;
  if (!account) return own;
  return {
    blockPublicAcls: own.blockPublicAcls || account.blockPublicAcls,
    ignorePublicAcls: own.ignorePublicAcls || account.ignorePublicAcls,
    blockPublicPolicy: own.blockPublicPolicy || account.blockPublicPolicy,
    restrictPublicBuckets: own.restrictPublicBuckets || account.restrictPublicBuckets,
  };
}

/** The account that owns an object: the bucket's own wherever that is enforced. */
export function ownerOf(bucket: BucketRecord, object: Pick<ObjectRecord, 'access'>): string {
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') return bucket.accountId;
  return object.access?.owner ?? bucket.accountId;
}

export function grantsOfBucket(bucket: BucketRecord): readonly AclGrant[] {
  const ownOnly = fullControl(bucket.accountId);
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') return ownOnly;
  return accessOf(bucket).grants ?? ownOnly;
}

export function grantsOfObject(
  bucket: BucketRecord,
  object: Pick<ObjectRecord, 'access'>,
): readonly AclGrant[] {
  const isEnforced = ownershipOf(bucket) === 'BucketOwnerEnforced';
  return isEnforced || !object.access ? fullControl(bucket.accountId) : object.access.grants;
}

export function fullControl(account: string): AclGrant[] {
  return [{ grantee: { account }, permission: 'FULL_CONTROL' }];
}
