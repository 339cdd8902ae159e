import { HeadBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { formatLocation } from '@causeway/contract';
import { attempt } from './attempt.ts';
import {
  bucketArn,
  bucketClient,
  bucketOf,
  type CheckContext,
  type CheckStepDefinition,
  type Finding,
} from './check-context.ts';
import { deniedFinding } from './denied-finding.ts';

/** Steps on which bucket this is, and whether we may look under the prefix. */
export const bucketSteps: readonly CheckStepDefinition[] = [
  {
    id: 'bucket.region',
    title: "The bucket's region is found",
    after: ['parse'],
    run: findRegion,
  },
  {
    id: 'bucket.owner',
    title: "The bucket belongs to the customer's account",
    after: ['session', 'bucket.region'],
    run: proveOwner,
  },
  {
    id: 'prefix.list',
    title: 'Keys under the prefix can be listed',
    after: ['bucket.owner'],
    run: listPrefix,
  },
];

/**
 * S3 names the region in a header of every answer about a bucket, also when it refuses
 * somebody unknown. So nothing has to be proved to it first, and the verdict of HeadBucket
 * itself does not matter.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
async function findRegion(context: CheckContext): Promise<Finding> {
  const { bucket } = context.connection;
  const client = context.s3(undefined, 'us-east-1');
  const answer = await context.untilSpread(
    () => attempt('s3:HeadBucket', () => client.send(new HeadBucketCommand({ Bucket: bucket }))),
    (found) => found.ok || found.evidence.status !== 404,
  );
  const region = answer.ok ? answer.value.BucketRegion : regionHeader(answer.error);
  if (region) {
    context.region = region;
    return { verdict: 'passed', message: `The bucket is in ${region}`, evidence: answer.evidence };
  }
  if (answer.evidence.status === 404) {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: 'bucket_not_found',
      message: `There is no bucket "${bucket}"`,
      fix: {
        document: 'bucket',
        text: `Create bucket "${bucket}" in account ${context.connection.accountId}, or connect the right name`,
      },
      evidence: answer.evidence,
    };
  }
  return {
    verdict: 'warned',
    cause: 'region_unknown',
    side: 'aws',
    message: 'The answer names no region, so us-east-1 is assumed',
    evidence: answer.evidence,
  };
}

function regionHeader(error: unknown): string | undefined {
  const response = (error as { $response?: { headers?: Record<string, string> } }).$response;
  return response?.headers?.['x-amz-bucket-region'];
}

/**
 * Lists with and without naming the owner: allowed only without means that the
 * bucket is somebody else's. Refused both ways, the write probe settles it, since
 * it names the owner too.
 */
async function proveOwner(context: CheckContext): Promise<Finding> {
  const { accountId, bucket, prefix } = context.connection;
  const client = bucketClient(context);
  const query = { Prefix: prefix, MaxKeys: 1 };
  const named = await context.untilSpread(
    () =>
      attempt('s3:ListObjectsV2', () =>
        client.send(new ListObjectsV2Command({ ...bucketOf(context), ...query })),
      ),
    (answer) => answer.ok || answer.code !== 'AccessDenied',
  );
  if (named.ok) {
    context.listingAllowed = true;
    return {
      verdict: 'passed',
      message: `Bucket "${bucket}" belongs to account ${accountId}`,
      evidence: named.evidence,
    };
  }
  const unnamed = await attempt('s3:ListObjectsV2', () =>
    client.send(new ListObjectsV2Command({ Bucket: bucket, ...query })),
  );
  if (unnamed.ok) {
    return {
      verdict: 'failed',
      side: 'customer',
      cause: 'bucket_owner_mismatch',
      message: `Bucket "${bucket}" does not belong to account ${accountId}`,
      fix: {
        document: 'bucket',
        text: `Connect a bucket of account ${accountId}; this name is held by another account`,
      },
      evidence: named.evidence,
    };
  }
  context.listingAllowed = false;
  return {
    verdict: 'skipped',
    message: 'Listing is refused, so the write probe settles who owns the bucket',
    evidence: named.evidence,
  };
}

/** Deliveries can do without listing, so a refusal is a warning. */
async function listPrefix(context: CheckContext): Promise<Finding> {
  const { connection } = context;
  const answer = await attempt('s3:ListObjectsV2', () =>
    bucketClient(context).send(
      new ListObjectsV2Command({ ...bucketOf(context), Prefix: connection.prefix, MaxKeys: 1 }),
    ),
  );
  if (answer.ok) {
    return {
      verdict: 'passed',
      message: `Listed ${formatLocation(connection)}`,
      evidence: answer.evidence,
    };
  }
  return {
    ...deniedFinding(context, answer, {
      cause: 'list_denied',
      what: `list keys under "${connection.prefix}"`,
      permission: `s3:ListBucket on ${bucketArn(context)} with s3:prefix "${connection.prefix}"`,
    }),
    verdict: 'warned',
  };
}
