import type { CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { taggingHeader, type WriteOptions } from '@causeway/contract';

/** What is the same in both calls that begin an object. */
export type WriteHeaders = Pick<
  CreateMultipartUploadCommandInput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass' | 'Tagging' | 'ACL'
>;

/**
 * What is sent with `CreateMultipartUpload` and `PutObject` so that an object is written as a
 * connection wants it. What is not asked for is left out altogether: buckets without access
 * control lists refuse some, and other stores than AWS may know none of these.
 */
export function writeHeaders({ kmsKeyArn, storageClass, tags, acl }: WriteOptions): WriteHeaders {
  const tagging = taggingHeader(tags);
  return {
    ...(kmsKeyArn !== null && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn }),
    ...(storageClass !== null && { StorageClass: storageClass }),
    ...(tagging !== '' && { Tagging: tagging }),
    ...(acl !== null && { ACL: acl }),
  };
}
