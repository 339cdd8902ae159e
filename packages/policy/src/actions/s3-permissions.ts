import { bucketArn } from '../generate/pattern-text.ts';

/** The calls of S3 that Causeway and its customers make, by their API names. */
export type S3Operation = keyof typeof table;

/** One thing a caller must be allowed; S3 refuses the call if any of them is missing. */
export interface S3Permission {
  readonly action: string;
  readonly resource: string;
}

export interface S3Call {
  readonly operation: S3Operation;
  /** Left out for `ListBuckets` alone. */
  readonly bucket?: string;
  /** For calls on one object. */
  readonly key?: string;
  /** Whether the call names a version of the object. */
  readonly versioned?: boolean;
  /** For `CopyObject` and `UploadPartCopy`. */
  readonly source?: { readonly bucket: string; readonly key: string; readonly versioned?: boolean };
  /** What is written beside the bytes, each of which is a permission of its own. */
  readonly sets?: readonly ('acl' | 'tagging' | 'retention' | 'legalHold')[];
  /** `aws` if not given. */
  readonly partition?: string;
}

/**
 * What a caller must be allowed for one S3 call: action and resource as policies
 * name them. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 *
 * @throws Error if the call lacks the bucket, key or source that the operation works on.
 */
export function s3Permissions(call: S3Call): readonly S3Permission[] {
  const { action, on } = table[call.operation];
  if (on === 'account') return [{ action, resource: '*' }];
  const partition = call.partition ?? 'aws';
  const bucket = bucketArn(partition, required(call.bucket, call, 'bucket'));
  if (on === 'bucket') return [{ action, resource: bucket }];
  const resource = `${bucket}/${required(call.key, call, 'key')}`;
  const versioned = call.versioned && versionedActions.get(action);
  const needed = [{ action: versioned || action, resource }];
  if (call.operation === 'GetObjectAttributes') {
    const read = call.versioned ? 's3:GetObjectVersion' : 's3:GetObject';
    needed.unshift({ action: read, resource });
  }
  if (call.operation === 'CopyObject' || call.operation === 'UploadPartCopy') {
    const source = required(call.source, call, 'source');
    needed.unshift({
      action: source.versioned ? 's3:GetObjectVersion' : 's3:GetObject',
      resource: `${bucketArn(partition, source.bucket)}/${source.key}`,
    });
  }
  for (const aspect of call.sets ?? []) needed.push({ action: aspectActions[aspect], resource });
  return needed;
}

function required<T>(value: T | undefined, call: S3Call, name: string): T {
  if (value !== undefined) return value;
  throw new Error(`Cannot tell the permissions of ${call.operation}: it lacks its ${name}`);
}

const aspectActions = {
  acl: 's3:PutObjectAcl',
  tagging: 's3:PutObjectTagging',
  retention: 's3:PutObjectRetention',
  legalHold: 's3:PutObjectLegalHold',
} as const;

const versionedActions: ReadonlyMap<string, string> = new Map([
  ['s3:GetObject', 's3:GetObjectVersion'],
  ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  ['s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'],
  ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'],
  ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'],
  ['s3:GetObjectAcl', 's3:GetObjectVersionAcl'],
  ['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
]);

const object = <A extends string>(action: A) => ({ action, on: 'object' }) as const;
const bucket = <A extends string>(action: A) => ({ action, on: 'bucket' }) as const;

const table = {
  PutObject: object('s3:PutObject'),
  PostObject: object('s3:PutObject'),
  CreateMultipartUpload: object('s3:PutObject'),
  UploadPart: object('s3:PutObject'),
  UploadPartCopy: object('s3:PutObject'),
  CompleteMultipartUpload: object('s3:PutObject'),
  CopyObject: object('s3:PutObject'),
  AbortMultipartUpload: object('s3:AbortMultipartUpload'),
  ListParts: object('s3:ListMultipartUploadParts'),
  GetObject: object('s3:GetObject'),
  HeadObject: object('s3:GetObject'),
  GetObjectAttributes: object('s3:GetObjectAttributes'),
  DeleteObject: object('s3:DeleteObject'),
  GetObjectTagging: object('s3:GetObjectTagging'),
  PutObjectTagging: object('s3:PutObjectTagging'),
  DeleteObjectTagging: object('s3:DeleteObjectTagging'),
  GetObjectAcl: object('s3:GetObjectAcl'),
  PutObjectAcl: object('s3:PutObjectAcl'),
  ListObjects: bucket('s3:ListBucket'),
  ListObjectsV2: bucket('s3:ListBucket'),
  HeadBucket: bucket('s3:ListBucket'),
  ListObjectVersions: bucket('s3:ListBucketVersions'),
  ListMultipartUploads: bucket('s3:ListBucketMultipartUploads'),
  GetBucketLocation: bucket('s3:GetBucketLocation'),
  CreateBucket: bucket('s3:CreateBucket'),
  DeleteBucket: bucket('s3:DeleteBucket'),
  GetBucketPolicy: bucket('s3:GetBucketPolicy'),
  PutBucketPolicy: bucket('s3:PutBucketPolicy'),
  DeleteBucketPolicy: bucket('s3:DeleteBucketPolicy'),
  GetBucketPolicyStatus: bucket('s3:GetBucketPolicyStatus'),
  GetBucketAcl: bucket('s3:GetBucketAcl'),
  PutBucketAcl: bucket('s3:PutBucketAcl'),
  GetBucketCors: bucket('s3:GetBucketCORS'),
  PutBucketCors: bucket('s3:PutBucketCORS'),
  DeleteBucketCors: bucket('s3:PutBucketCORS'),
  GetBucketVersioning: bucket('s3:GetBucketVersioning'),
  PutBucketVersioning: bucket('s3:PutBucketVersioning'),
  GetBucketEncryption: bucket('s3:GetEncryptionConfiguration'),
  PutBucketEncryption: bucket('s3:PutEncryptionConfiguration'),
  DeleteBucketEncryption: bucket('s3:PutEncryptionConfiguration'),
  GetBucketLifecycleConfiguration: bucket('s3:GetLifecycleConfiguration'),
  PutBucketLifecycleConfiguration: bucket('s3:PutLifecycleConfiguration'),
  DeleteBucketLifecycle: bucket('s3:PutLifecycleConfiguration'),
  GetBucketNotificationConfiguration: bucket('s3:GetBucketNotification'),
  PutBucketNotificationConfiguration: bucket('s3:PutBucketNotification'),
  GetBucketOwnershipControls: bucket('s3:GetBucketOwnershipControls'),
  PutBucketOwnershipControls: bucket('s3:PutBucketOwnershipControls'),
  DeleteBucketOwnershipControls: bucket('s3:PutBucketOwnershipControls'),
  GetPublicAccessBlock: bucket('s3:GetBucketPublicAccessBlock'),
  PutPublicAccessBlock: bucket('s3:PutBucketPublicAccessBlock'),
  DeletePublicAccessBlock: bucket('s3:PutBucketPublicAccessBlock'),
  GetBucketTagging: bucket('s3:GetBucketTagging'),
  PutBucketTagging: bucket('s3:PutBucketTagging'),
  DeleteBucketTagging: bucket('s3:PutBucketTagging'),
  ListBuckets: { action: 's3:ListAllMyBuckets', on: 'account' },
} as const satisfies Record<string, { action: string; on: 'object' | 'bucket' | 'account' }>;

/** Every call that {@link s3Permissions} knows. */
export const s3Operations = Object.keys(table) as readonly S3Operation[];
