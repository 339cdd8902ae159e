import type { AclGrant, S3Settings } from '@causeway/policy';
import type { AclGrant as StoredGrant } from '../../state/access-records.ts';
import type { BucketRecord, ObjectRecord } from '../../state/records.ts';
import type { State } from '../../state/state.ts';
import type { S3Demand } from '../s3-operation.ts';
import { findVersion, isDeleteMarker } from '../versions/version-rows.ts';
import {
  grantsOfBucket,
  grantsOfObject,
  ownerOf,
  ownershipOf,
  publicAccessBlockOf,
} from './bucket-access.ts';

/** What decides a demand on a bucket or its object beside the policies, for the evaluator. */
export function s3Settings(state: State, bucket: BucketRecord, demand: S3Demand): S3Settings {
  const ownership = ownershipOf(bucket);
  const publicAccessBlock = publicAccessBlockOf(state, bucket);
  if (ownership === 'BucketOwnerEnforced') {
    // There a public list is refused as any list is, in words of its own.
    return { ownership, publicAccessBlock: { ...publicAccessBlock, blockPublicAcls: false } };
  }
  const name = demand.resource.slice('arn:aws:s3:::'.length);
  const isOfBucket = !name.includes('/') || demand.action === 's3:PutObject';
  if (isOfBucket) {
    return { ownership, publicAccessBlock, acl: evaluated(grantsOfBucket(bucket)) };
  }
  const object = demand.isNewObject ? undefined : objectOf(state, name, demand);
  if (!object) return { ownership, publicAccessBlock, acl: [] };
  return {
    ownership,
    publicAccessBlock,
    objectOwner: ownerOf(bucket, object),
    acl: evaluated(grantsOfObject(bucket, object)),
  };
}

function objectOf(state: State, name: string, { context }: S3Demand): ObjectRecord | undefined {
  const id = context?.['s3:VersionId'];
  if (typeof id !== 'string') return state.objects.get(name);
  const slash = name.indexOf('/');
  const place = { bucket: name.slice(0, slash), key: name.slice(slash + 1) };
  const record = findVersion(state, place, id)?.record;
  return record && !isDeleteMarker(record) ? record : undefined;
}

/** S3's own log delivery never calls the sandbox. */
function evaluated(grants: readonly StoredGrant[]): AclGrant[] {
  return grants.flatMap(({ grantee, permission }): AclGrant[] => {
    if ('account' in grantee) return [{ grantee, permission }];
    const { group } = grantee;
    return group === 'LogDelivery' ? [] : [{ grantee: { group }, permission }];
  });
}
