import type { Authenticated } from '../access/authenticate.ts';
import type { Demand } from '../access/authorize.ts';
import type { Context } from '../access/context.ts';
import type { Reply } from '../http/reply.ts';
import type { Payload } from '../sigv4/payload.ts';
import type { BucketRecord, Tags } from '../state/records.ts';
import type { State } from '../state/state.ts';
import type { Call, World } from '../world.ts';
import type { S3Target } from './s3-target.ts';
import { existingTagKeys } from './tagging/tag-keys.ts';
import { findVersion, isDeleteMarker, latestVersion, type Place } from './versions/version-rows.ts';

/** A call of S3's API, by AWS's name. */
export interface S3Operation {
  readonly name: string;
  /**
   * What its body is: nothing, a document that is read whole first, a list of parts
   * (a document, too, but checksums in the headers are of the object), or an object's bytes.
   */
  readonly body: 'none' | 'document' | 'part_list' | 'object';
  /** Whether the bucket must exist. */
  readonly needsBucket: boolean;
  /**
   * Whether it is answered without a look at signatures: a preflight has none, and a
   * form has its own inside.
   */
  readonly isOpen?: true;
  /** What the caller must be allowed to do before anything is read or said. */
  readonly demands: (request: S3Request) => readonly S3Demand[];
  readonly run: (request: S3Request) => Promise<Reply> | Reply;
}

/** A demand on the request's bucket or object, to which S3 adds owner and bucket policy. */
export interface S3Demand {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
  /** Whether it is about an object that the request makes: who owns the one in its place has no say. */
  readonly isNewObject?: true;
}

/** An S3 request whose sender is known. */
export interface S3Request {
  readonly call: Call;
  readonly world: World;
  readonly target: S3Target;
  /** Null only for operations that do not need a bucket. */
  readonly bucket: BucketRecord | null;
  readonly authenticated: Authenticated;
  readonly payload: Payload;
  /** The body of an operation whose body is a document, its digests verified. */
  readonly document: string;
  /** Lets the request run into the fault plan. For operations that read an object's bytes themselves. */
  readonly passFaults: () => Promise<void>;
  /** Whether a fault has it that what was read is kept twice. For the same operations. */
  readonly isDoubled: () => boolean;
  /** @throws AwsError `AccessDenied` unless the caller may do this. */
  readonly authorize: (demand: S3Demand) => void;
  /** Whether the caller may do this, for answers that say more to those who may know more. */
  readonly isAllowed: (demand: S3Demand) => boolean;
  /** The demand with everything that decides it. */
  readonly complete: (demand: S3Demand) => Demand;
}

/** The bucket of an operation that needs one. */
export function bucketOf(request: S3Request): BucketRecord {
  if (!request.bucket) throw new Error('This operation was run without its bucket');
  return request.bucket;
}

/** The account of the caller; anonymous callers have none. */
export function accountOf(request: S3Request): string {
  return request.authenticated.caller.accountId ?? '';
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** A demand on the request's bucket. */
export function onBucket(action: string, context?: Context): S3Operation['demands'] {
  return ({ target }) => [
    { action, resource: bucketArn(target.bucket ?? ''), ...(context && { context }) },
  ];
}

/** A demand on the request's object. */
export function onObject(action: string): S3Operation['demands'] {
  return ({ target }) => [{ action, resource: objectArn(target.bucket ?? '', target.key ?? '') }];
}

/**
 * A demand on the request's object, or on the version that it names: S3 has an
 * action of its own for that, such as `s3:GetObjectVersion`. What tags the object
 * has is known to policies.
 */
export function onVersion(action: string): S3Operation['demands'] {
  return ({ target, call, world }) => {
    const version = call.incoming.query.get('versionId');
    const place = { bucket: target.bucket ?? '', key: target.key ?? '' };
    return [versionDemand(action, place, version, world.state)];
  };
}

/** See {@link onVersion}. */
export function versionDemand(
  action: string,
  place: Place,
  version: string | null,
  state: State,
): S3Demand {
  const tags = knowsTags.test(action) ? tagsOf(state, place, version) : undefined;
  return {
    action: version === null ? action : action.replace('Object', 'ObjectVersion'),
    resource: objectArn(place.bucket, place.key),
    context: { ...existingTagKeys(tags), ...(version !== null && { 's3:VersionId': version }) },
  };
}

/** The actions for which S3 fills in `s3:ExistingObjectTag`. */
const knowsTags = /^s3:GetObject$|(Tagging|Acl|Attributes)$/;

function tagsOf(state: State, place: Place, version: string | null): Tags | undefined {
  const found = version === null ? latestVersion(state, place) : findVersion(state, place, version);
  return found && !isDeleteMarker(found.record) ? found.record.tags : undefined;
}
