import type { S3Operation } from '../s3-operation.ts';
import { getBucketAcl, putBucketAcl } from './bucket-acl.ts';
import { getBucketPolicyStatus } from './bucket-policy-status.ts';
import { getObjectAcl, putObjectAcl } from './object-acl.ts';
import {
  deleteBucketOwnershipControls,
  getBucketOwnershipControls,
  putBucketOwnershipControls,
} from './ownership-controls.ts';
import {
  deletePublicAccessBlock,
  getPublicAccessBlock,
  putPublicAccessBlock,
} from './public-access-block.ts';

/** Calls about who may see what in a bucket, by method and query parameter. */
export const bucketAccessRoutes: Readonly<Record<string, S3Operation>> = {
  'GET acl': getBucketAcl,
  'PUT acl': putBucketAcl,
  'GET ownershipControls': getBucketOwnershipControls,
  'PUT ownershipControls': putBucketOwnershipControls,
  'DELETE ownershipControls': deleteBucketOwnershipControls,
  'GET policyStatus': getBucketPolicyStatus,
  'GET publicAccessBlock': getPublicAccessBlock,
  'PUT publicAccessBlock': putPublicAccessBlock,
  'DELETE publicAccessBlock': deletePublicAccessBlock,
};

export const objectAccessRoutes: Readonly<Record<string, S3Operation>> = {
  'GET acl': getObjectAcl,
  'PUT acl': putObjectAcl,
};
