import { HeadBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { formatLocation } from '@causeway/contract';
import { isElsewhere } from '../access-keys/store-reach.ts';
import { attempt } from './attempt.ts';
import {
  bucketArn,
  bucketClient,
  bucketOf,
  type CheckContext,
  type CheckStepDefinition,
  type Finding,
} from './check-context.ts';
import { isDenied, refusalFinding, signalFinding, type Wanted } from './refusal-finding.ts';

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
 *
 * Stores of other makes promise none of this: Ceph tells strangers that a tenant's bucket is not
 * there. So what they answer here is no proof, and the listing that follows says it.
 */
async function findRegion(context: CheckContext): Promise<Finding> {
  const { bucket, accountId, region: known } = context.connection;
  const elsewhere = isElsewhere(context.connection);
  const client = context.s3(undefined, known ?? 'us-east-1');
  const answer = await context.untilSpread(
    () => attempt('s3:HeadBucket', () => client.send(new HeadBucketCommand({ Bucket: bucket }))),
    (found) => found.ok || elsewhere || found.evidence.status !== 404,
  );
  const { evidence } = answer;
  const region = answer.ok ? answer.value.BucketRegion : regionHeader(answer.error);
  if (region && isRegion(region)) {
    context.region = region;
    return { verdict: 'passed', message: `The bucket is in ${region}`, evidence };
  }
  if (!answer.ok && !elsewhere && evidence.status === 404) {
    const owner = accountId === null ? '' : ` in account ${accountId}`;
    return {
      ...signalFinding(context, { ...answer, code: 'NoSuchBucket' }, { what: 'find the bucket' }),
      message: `There is no bucket "${bucket}"`,
      fix: {
        document: 'bucket',
        text: `Create bucket "${bucket}"${owner}, or connect the right name`,
      },
      evidence,
    };
  }
  if (known !== null) {
    context.region = known;
    return { verdict: 'passed', message: `The region is "${known}", as was given`, evidence };
  }
  return {
    verdict: 'warned',
    cause: 'region_unknown',
    side: 'aws',
    message: 'The answer names no region, so us-east-1 is assumed',
    evidence,
  };
}

/** It becomes part of the name of a host and of signatures: an answer must not choose these. */
function isRegion(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])$/.test(text);
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
  const { accountId, bucket } = context.connection;
  const named = await context.untilSpread(
    () => list(context, bucketOf(context)),
    (answer) => answer.ok || !isDenied(answer),
  );
  context.listing = named;
  const { evidence } = named;
  if (named.ok) {
    const message =
      accountId === null
        ? `Bucket "${bucket}" can be listed; the store does not say whose it is`
        : `Bucket "${bucket}" belongs to account ${accountId}`;
    return { verdict: 'passed', message, evidence };
  }
  if (!isDenied(named)) {
    return signalFinding(context, named, { what: 'list the bucket' });
  }
  const unnamed = await list(context, { Bucket: bucket });
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
      evidence,
    };
  }
  return {
    verdict: 'skipped',
    message: 'Listing is refused, so the other steps settle who owns the bucket: they name it, too',
    evidence,
  };
}

/** Deliveries can do without listing, so for them a refusal is a warning. */
async function listPrefix(context: CheckContext): Promise<Finding> {
  const { connection } = context;
  const answer = context.listing ?? (await list(context, bucketOf(context)));
  if (answer.ok) {
    const message = `Listed ${formatLocation(connection)}`;
    return { verdict: 'passed', message, evidence: answer.evidence };
  }
  const isNeeded = connection.capabilities.some((capability) => capability !== 'deliver');
  const finding = refusalFinding(context, answer, listWanted(context));
  return isNeeded ? finding : { ...finding, verdict: 'warned' };
}

function listWanted(context: CheckContext): Wanted {
  const { prefix } = context.connection;
  return {
    cause: 'list_denied',
    what: `list keys under "${prefix}"`,
    action: 's3:ListBucket',
    resource: `${bucketArn(context)} with s3:prefix "${prefix}"`,
    sids: ['List'],
  };
}

/** So many keys show the newest file of most folders, in one answer of bounded size. */
const listedKeys = 200;

function list(
  context: CheckContext,
  bucket: { readonly Bucket: string; readonly ExpectedBucketOwner?: string },
) {
  const reads = context.connection.capabilities.some((capability) => capability !== 'deliver');
  const query = { Prefix: context.connection.prefix, MaxKeys: reads ? listedKeys : 1 };
  return attempt('s3:ListObjectsV2', () =>
    bucketClient(context).send(new ListObjectsV2Command({ ...bucket, ...query })),
  );
}
