import type { PolicyDocument } from './model.ts';
import { bucketArn, literalPattern } from './pattern-text.ts';

/** What a connection is for. It fixes the least permissions. */
export type PolicyCapability = 'deliver';

export interface PermissionsPolicyInput {
  readonly bucket: string;
  /** Ends in `/`, or is empty for the whole bucket. */
  readonly prefix: string;
  readonly capabilities: readonly PolicyCapability[];
  /** `aws` if not given. */
  readonly partition?: string;
}

/**
 * The permissions of a customer's role: what the capabilities need under the
 * prefix, and nothing else. No delete, no ACL, no setting of the bucket.
 *
 * @throws Error if the bucket or prefix is not well-formed, or no capability is given.
 */
export function permissionsPolicy(input: PermissionsPolicyInput): PolicyDocument {
  const { bucket, prefix, capabilities, partition = 'aws' } = input;
  if (prefix !== '' && (!prefix.endsWith('/') || prefix.startsWith('/'))) {
    throw new Error(`Cannot write a policy for prefix "${prefix}": it must end in "/"`);
  }
  if (capabilities.length === 0) throw new Error('Cannot write a policy without a capability');
  const arn = bucketArn(partition, bucket);
  const under = literalPattern(prefix);
  const objects = `${arn}/${under}*`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Write', Effect: 'Allow', Action: writeActions, Resource: objects },
      {
        Sid: 'List',
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn,
        ...(prefix === ''
          ? {}
          : { Condition: { StringLike: { 's3:prefix': [under, `${under}*`] } } }),
      },
      { Sid: 'Verify', Effect: 'Allow', Action: 's3:GetObject', Resource: objects },
    ],
  };
}

/** Multipart uploads and single puts. Parts are in the journal, so nobody needs to list them. */
export const writeActions = ['s3:PutObject', 's3:AbortMultipartUpload'] as const;
