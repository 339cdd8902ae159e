import { isPublicPolicy, type Policy, PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { checkPrincipals } from '../access/check-principals.ts';
import { principalIds, shownDocument } from '../access/named-principals.ts';
import { AwsError } from '../http/aws-error.ts';
import { publicAccessBlockOf } from './access/bucket-access.ts';
import { accessDenied } from './s3-error.ts';
import {
  accountOf,
  bucketArn,
  bucketOf,
  onBucket,
  type S3Operation,
  type S3Request,
} from './s3-operation.ts';

export const getBucketPolicy: S3Operation = {
  name: 'GetBucketPolicy',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketPolicy'),
  run: (request) => {
    checkOwnAccount(request);
    const { name, policy, policyPrincipalIds } = bucketOf(request);
    if (policy === null) throw noSuchBucketPolicy(name);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: shownDocument(policy, policyPrincipalIds, request.world.iam),
    };
  },
};

export const putBucketPolicy: S3Operation = {
  name: 'PutBucketPolicy',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketPolicy'),
  run: (request) => {
    checkOwnAccount(request);
    const bucket = bucketOf(request);
    const policy = checkPolicy(request, bucket.name);
    checkNotPublic(request, policy);
    const { state } = request.world;
    const policyPrincipalIds = principalIds(policy, request.world.iam);
    state.commit(
      state.buckets.put(bucket.name, { ...bucket, policy: request.document, policyPrincipalIds }),
    );
    return { status: 204 };
  },
};

export const deleteBucketPolicy: S3Operation = {
  name: 'DeleteBucketPolicy',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:DeleteBucketPolicy'),
  run: (request) => {
    checkOwnAccount(request);
    const { policyPrincipalIds: _, ...bucket } = bucketOf(request);
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, policy: null }));
    return { status: 204 };
  },
};

/**
 * Whoever a policy allows to handle it must be of the bucket's own account all the same.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
function checkOwnAccount(request: S3Request): void {
  if (accountOf(request) === bucketOf(request).accountId) return;
  throw new AwsError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { fields: { Method: request.call.incoming.method, ResourceType: 'BUCKETPOLICY' } },
  );
}

export function noSuchBucketPolicy(bucket: string): AwsError {
  return new AwsError(404, 'NoSuchBucketPolicy', 'The bucket policy does not exist', {
    fields: { BucketName: bucket },
  });
}

function checkPolicy({ document, world }: S3Request, bucket: string): Policy {
  if (!document.trimStart().startsWith('{')) {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  const policy = parse(document, bucket);
  const unknown = checkPrincipals(policy, world);
  if (unknown !== null) throw malformed('Invalid principal in policy', unknown);
  return policy;
}

/** @throws AwsError: to a bucket that blocks them, policies for everyone cannot be attached. */
function checkNotPublic(request: S3Request, policy: Policy): void {
  const bucket = bucketOf(request);
  const { blockPublicPolicy } = publicAccessBlockOf(request.world.state, bucket);
  if (!blockPublicPolicy || !isPublicPolicy(policy)) return;
  throw accessDenied(
    `User: ${request.authenticated.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.name)}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
  );
}

function parse(document: string, bucket: string): Policy {
  try {
    return parsePolicy(document, { name: 'bucket policy', type: 'resource', bucket });
  } catch (error) {
    // S3 says less; the place and the hint help whoever rehearses a policy here.
    if (error instanceof PolicySyntaxError) {
      throw malformed(error.awsMessage ?? error.message, error.message);
    }
    throw error;
  }
}

function malformed(message: string, detail?: string): AwsError {
  return new AwsError(400, 'MalformedPolicy', message, {
    ...(detail !== undefined && { fields: { Detail: detail } }),
  });
}
