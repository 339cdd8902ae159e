import type { PolicyDocument, StatementDocument } from '../model.ts';
import { checkAccount, checkSamePartition, readKeyArn } from './check-input.ts';
import { checkPartition } from './pattern-text.ts';
import { viaS3 } from './statements.ts';

export interface ManagedOperatorPolicyInput {
  /** The operator's own account, in which the buckets are. */
  readonly operatorAccountId: string;
  /** `aws` if not given. */
  readonly partition?: string;
  /** Keys that managed buckets are encrypted with: what is in them is written and read with these. */
  readonly kmsKeyArns?: readonly string[];
}

/**
 * What the operator's principal needs to make, check and use managed buckets, in its
 * own account alone. The names of the buckets have nothing in common that a pattern could
 * fit, so they are known by their account. Nothing deletes objects.
 *
 * Whoever may write policies of roles may give roles more than it has itself: keep the
 * principal in an account with nothing else in it.
 *
 * @throws PolicyInputError
 */
export function managedOperatorPolicy(input: ManagedOperatorPolicyInput): PolicyDocument {
  const { operatorAccountId, partition = 'aws', kmsKeyArns = [] } = input;
  checkAccount('operatorAccountId', operatorAccountId);
  checkPartition(partition);
  const own = { StringEquals: { 'aws:ResourceAccount': operatorAccountId } };
  const everyBucket = `arn:${partition}:s3:::*`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'MakeBuckets', Effect: 'Allow', Action: 's3:CreateBucket', Resource: everyBucket },
      {
        Sid: 'SetUpOwnBuckets',
        Effect: 'Allow',
        Action: bucketActions,
        Resource: everyBucket,
        Condition: own,
      },
      {
        Sid: 'UseOwnObjects',
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        Resource: `arn:${partition}:s3:::*/*`,
        Condition: own,
      },
      {
        Sid: 'SetUpRolesOfBuckets',
        Effect: 'Allow',
        Action: roleActions,
        Resource: `arn:${partition}:iam::${operatorAccountId}:role/*-access`,
      },
      ...kmsKeyArns.map((kmsKeyArn, i) => useKey(kmsKeyArn, i, partition)),
    ],
  };
}

/** One statement for each: keys may be of several regions, and each is used through S3 of its own. */
function useKey(kmsKeyArn: string, index: number, partition: string): StatementDocument {
  checkSamePartition('kmsKeyArns', readKeyArn('kmsKeyArns', kmsKeyArn).partition, partition);
  return {
    Sid: `UseKey${index + 1}`,
    Effect: 'Allow',
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    Resource: kmsKeyArn,
    Condition: { StringEquals: { 'kms:ViaService': viaS3(kmsKeyArn) } },
  };
}

/** `DeleteBucket` is for buckets that were never handed out. */
const bucketActions = [
  's3:ListBucket',
  's3:DeleteBucket',
  's3:GetBucketPolicy',
  's3:PutBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:PutBucketPublicAccessBlock',
  's3:GetBucketOwnershipControls',
  's3:PutBucketOwnershipControls',
  's3:GetEncryptionConfiguration',
  's3:PutEncryptionConfiguration',
  's3:GetBucketVersioning',
  's3:PutBucketVersioning',
  's3:GetLifecycleConfiguration',
  's3:PutLifecycleConfiguration',
  's3:GetBucketCORS',
  's3:PutBucketCORS',
] as const;

const roleActions = [
  'iam:GetRole',
  'iam:CreateRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:DeleteRole',
  'iam:GetRolePolicy',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:ListRolePolicies',
  'iam:ListAttachedRolePolicies',
] as const;
