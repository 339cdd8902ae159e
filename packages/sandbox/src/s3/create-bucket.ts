import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf, treesOf } from '../http/read-xml.ts';
import type { Reply } from '../http/reply.ts';
import { newBucketAccess, newBucketDemands } from './access/new-bucket-access.ts';
import { checkBucketName } from './bucket-name.ts';
import { newBucketLock, newBucketLockDemands } from './locks/new-bucket-lock.ts';
import { accessDenied, malformedXml } from './s3-error.ts';
import { accountOf, onBucket, type S3Operation, type S3Request } from './s3-operation.ts';

const homeRegion = 'us-east-1';

export const createBucket: S3Operation = {
  name: 'CreateBucket',
  body: 'document',
  needsBucket: false,
  demands: (request) => {
    // Not even a caller that may create every bucket can do so without an account to own it.
    if (request.authenticated.caller.kind === 'anonymous') throw accessDenied();
    return [
      ...onBucket('s3:CreateBucket')(request),
      ...newBucketDemands(request),
      ...newBucketLockDemands(request),
    ];
  },
  run: (request) => {
    const name = request.target.bucket ?? '';
    checkBucketName(name);
    const access = newBucketAccess(request);
    const region = regionFor(request);
    const { state, now } = request.world;
    const existing = state.buckets.get(name);
    if (existing) return repeated(existing.accountId === accountOf(request), region, name);
    state.commit(
      state.buckets.put(name, {
        name,
        accountId: accountOf(request),
        region,
        createdAt: now().toISOString(),
        policy: null,
        ...access,
        ...newBucketLock(request),
      }),
    );
    return created(name);
  },
};

function created(name: string): Reply {
  return { status: 200, headers: { location: `/${name}` } };
}

function repeated(isOwn: boolean, region: string, name: string): Reply {
  if (!isOwn) {
    throw new AwsError(
      409,
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      { fields: { BucketName: name } },
    );
  }
  // In its first region alone S3 still answers as if it had created the bucket.
  if (region === homeRegion) return created(name);
  throw new AwsError(
    409,
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    { fields: { BucketName: name } },
  );
}

/** The region asked for; it must be that of the endpoint, unless that is the first region. */
function regionFor({ document, authenticated }: S3Request): string {
  const endpoint = authenticated.claim?.region ?? homeRegion;
  const asked = readConstraint(document);
  const isKnown = asked === 'EU' || /^[a-z]{2,3}(-[a-z]+)+-\d$/.test(asked ?? '');
  if (asked !== null && (!isKnown || asked === homeRegion)) {
    throw new AwsError(
      400,
      'InvalidLocationConstraint',
      'The specified location-constraint is not valid',
      { fields: { LocationConstraint: asked } },
    );
  }
  const region = asked === 'EU' ? 'eu-west-1' : (asked ?? homeRegion);
  if (endpoint !== homeRegion && region !== endpoint) {
    throw new AwsError(
      400,
      'IllegalLocationConstraintException',
      `The ${asked ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  return region;
}

function readConstraint(document: string): string | null {
  if (document.trim() === '') return null;
  const tree = readXml(document, 'CreateBucketConfiguration');
  if (!tree || treesOf(tree, 'Location').length > 0) throw malformedXml();
  return textOf(tree, 'LocationConstraint')?.trim() || null;
}
