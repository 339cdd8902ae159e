import { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import type { ObjectRecord } from '../state/records.ts';
import type { ByteRange } from './byte-range.ts';
import { checksumHeader } from './checksums/checksum.ts';
import { encryptionHeaders } from './encryption/encryption-headers.ts';
import { mustFitEncryption, mustOpen, placeOf } from './encryption/open-encrypted.ts';
import { type FoundObject, findVersionOf } from './find-object.ts';
import { expirationHeader } from './lifecycle/expiration-header.ts';
import { lockHeaders } from './locks/object-lock.ts';
import { writeObjectHeaders } from './object-headers.ts';
import { chooseRange } from './object-range.ts';
import { checkReadPreconditions } from './preconditions.ts';
import { readObject } from './read-object.ts';
import { mustBeReadable, restoreHeader } from './restore-object.ts';
import { invalidArgument } from './s3-error.ts';
import { onVersion, type S3Operation, type S3Request } from './s3-operation.ts';
import { versionHeader } from './versions/version-id.ts';

export const getObject: S3Operation = {
  name: 'GetObject',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:GetObject'),
  run: (request) => {
    const found = findVersionOf(request);
    const { record: object } = found;
    mustBeReadable(object, request.world.now());
    mustOpen(request, object.encryption, placeOf(request));
    const described = describe(request, found);
    const release = request.world.blobs.pin(object.parts.map((part) => part.blob));
    return {
      ...described,
      body: readObject(object, described.range, request.world.blobs),
      release,
    };
  },
};

export const headObject: S3Operation = {
  name: 'HeadObject',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:GetObject'),
  run: (request) => {
    const found = findVersionOf(request);
    const { record: object } = found;
    // A checksum tells of the content, so it takes as much as the content itself.
    if (wantsChecksum(request)) mustOpen(request, object.encryption, placeOf(request));
    else mustFitEncryption(request, object.encryption);
    return describe(request, found);
  },
};

function wantsChecksum({ call }: S3Request): boolean {
  return call.incoming.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
}

/** Only who is known may have an answer dressed up. */
function checkOverrides({ call, authenticated }: S3Request): void {
  if (authenticated.claim) return;
  const changesAnswer = [...call.incoming.query.keys()].some((name) =>
    name.startsWith('response-'),
  );
  if (!changesAnswer) return;
  throw new AwsError(
    400,
    'InvalidRequest',
    'Request specific response headers cannot be used for anonymous GET requests.',
  );
}

type Described = Reply & { readonly range: ByteRange };

function describe(request: S3Request, { record: object, isLatest }: FoundObject): Described {
  const { incoming } = request.call;
  checkOverrides(request);
  checkReadPreconditions(incoming, object);
  const { range, part } = chooseRange(request, object);
  const headers: Record<string, string> = {
    ...writeObjectHeaders(object.headers),
    ...encryptionHeaders(object.encryption),
    ...versionHeader(request.bucket, object),
    ...tagCount(request, object),
    ...lockHeaders(request, object),
    ...restoreHeader(object, request.world.now()),
    ...(isLatest && expirationHeader(request.bucket, request.target.key ?? '', object)),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': String((range?.end ?? object.bytes) - (range?.start ?? 0)),
    ...overrides(incoming.query),
  };
  if (typeof part?.count === 'number') headers['x-amz-mp-parts-count'] = String(part.count);
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end - 1}/${object.bytes}`;
  // A checksum of the whole says nothing about a piece of it, but parts have their own.
  const checksum = part ? part.checksum : range ? undefined : object.checksum?.value;
  if (wantsChecksum(request) && object.checksum && checksum !== undefined) {
    headers[checksumHeader(object.checksum.algorithm)] = checksum;
    headers['x-amz-checksum-type'] = object.checksum.type;
  }
  return { status: range ? 206 : 200, headers, range: range ?? { start: 0, end: object.bytes } };
}

/** How many tags there are is told to those who may read them. */
function tagCount(request: S3Request, { tags }: ObjectRecord): Record<string, string> {
  if (!tags || !onVersion('s3:GetObjectTagging')(request).every(request.isAllowed)) return {};
  return { 'x-amz-tagging-count': String(Object.keys(tags).length) };
}

function overrides(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of [
    'content-type',
    'content-language',
    'expires',
    'cache-control',
    'content-disposition',
    'content-encoding',
  ]) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw invalidArgument(`response-${name}`, value, 'Header value cannot be represented');
    }
    found[name] = value;
  }
  return found;
}
