import { AwsError } from '../../http/aws-error.ts';
import type { Reply } from '../../http/reply.ts';
import { text } from '../../http/xml.ts';
import type { ObjectHeaders, ObjectRecord, StoredPart } from '../../state/records.ts';
import { chooseEncryption } from '../encryption/choose-encryption.ts';
import { uploadEncryptionHeaders } from '../encryption/encryption-headers.ts';
import { placeOf } from '../find-object.ts';
import { onNewObject, readProperties } from '../new-object.ts';
import { readObjectHeaders } from '../object-headers.ts';
import { checkWritePreconditions } from '../preconditions.ts';
import { invalidArgument } from '../s3-error.ts';
import { objectArn, type S3Operation, type S3Request, versionDemand } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { storedHeaders, storeObject } from '../store-object.ts';
import { requestTagKeys } from '../tagging/tag-keys.ts';
import { objectName } from '../versions/version-rows.ts';
import { type CopySource, findSource, sourceVersionHeader } from './copy-source.ts';
import { type CopyDigests, digestsOfCopy, readWantedAlgorithm } from './digests-of-copy.ts';

/** One call copies no more than this; what is larger is copied in parts. */
const maxCopyBytes = 5 * 1024 ** 3;

/**
 * The copy shares the bytes of its source. They are read once more only when the
 * copy's digests are not those of the source: an object of parts becomes a plain
 * one, whose ETag is its MD5.
 */
export const copyObject: S3Operation = {
  name: 'CopyObject',
  body: 'none',
  needsBucket: true,
  demands: onNewObject,
  run: async (request) => {
    const { blobs } = request.world;
    const source = findSource(request);
    checkSelfCopy(request, source);
    checkSize(source);
    const headers = headersOfCopy(request, source);
    const tags = tagsOfCopy(request, source);
    const encryption = chooseEncryption(request);
    const release = blobs.pin(source.object.parts.map(({ blob }) => blob));
    const shared: StoredPart[] = [];
    try {
      const wanted = readWantedAlgorithm(request.call.incoming);
      const digests = await digestsOfCopy(source.object, { wanted, encryption }, blobs);
      for (const { blob, bytes } of source.object.parts) {
        shared.push({ blob: await blobs.copy(blob), bytes });
      }
      return keep(request, source, { headers, tags, encryption, digests, parts: shared });
    } catch (error) {
      blobs.remove(shared.map(({ blob }) => blob));
      throw error;
    } finally {
      release();
    }
  },
};

interface Copy {
  readonly headers: ObjectHeaders;
  readonly tags: ObjectRecord['tags'];
  readonly encryption: ObjectRecord['encryption'];
  readonly digests: CopyDigests;
  readonly parts: readonly StoredPart[];
}

function keep(
  request: S3Request,
  source: CopySource,
  { tags, digests, encryption, ...copy }: Copy,
): Reply {
  const { incoming } = request.call;
  const { state, now } = request.world;
  const place = placeOf(request);
  checkWritePreconditions(incoming, place.key, state.objects.get(objectName(place)));
  const { tags: _fromHeader, ...properties } = readProperties(request);
  const stored = storeObject(request, {
    ...copy,
    ...digests,
    ...properties,
    ...(tags && { tags }),
    ...(encryption && { encryption }),
    bytes: source.object.bytes,
    modifiedAt: now().toISOString(),
    multipart: false,
  });
  const { checksum } = stored;
  const reply = xmlReply('CopyObjectResult', [
    text('LastModified', stored.modifiedAt),
    text('ETag', `"${stored.etag}"`),
    ...(checksum
      ? [text(`Checksum${checksum.algorithm}`, checksum.value), text('ChecksumType', checksum.type)]
      : []),
  ]);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      ...uploadEncryptionHeaders(encryption),
      ...storedHeaders(request, stored),
      ...sourceVersionHeader(source),
    },
  };
}

/** Copying an object onto itself must change something, unless an older version is brought back. */
function checkSelfCopy(request: S3Request, { place, versionId, object }: CopySource): void {
  const { headers } = request.call.incoming;
  const isSelf = place.bucket === request.target.bucket && place.key === request.target.key;
  if (!isSelf || versionId !== null) return;
  const storageClass = headers.get('x-amz-storage-class') ?? object.headers.storageClass;
  const changesSomething =
    directive(request, 'metadata') === 'REPLACE' ||
    storageClass !== object.headers.storageClass ||
    headers.has('x-amz-server-side-encryption') ||
    headers.has('x-amz-server-side-encryption-customer-algorithm') ||
    headers.has('x-amz-website-redirect-location');
  if (changesSomething) return;
  throw new AwsError(
    400,
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

function checkSize({ object }: CopySource): void {
  if (object.bytes <= maxCopyBytes) return;
  throw new AwsError(
    400,
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${maxCopyBytes}`,
  );
}

/** The storage class is never copied: the copy's own request says it, or it is `STANDARD`. */
function headersOfCopy(request: S3Request, { object }: CopySource): ObjectHeaders {
  const sent = readObjectHeaders(request.call.incoming);
  if (directive(request, 'metadata') === 'REPLACE') return sent;
  return { ...object.headers, storageClass: sent.storageClass };
}

/** Copying tags takes the right to read them there and to put them here. */
function tagsOfCopy(request: S3Request, source: CopySource): ObjectRecord['tags'] {
  if (directive(request, 'tagging') === 'REPLACE') return readProperties(request).tags;
  const { tags } = source.object;
  if (!tags) return undefined;
  const { place, versionId } = source;
  const { state } = request.world;
  source.authorize(versionDemand('s3:GetObjectTagging', place, versionId, state));
  request.authorize({
    action: 's3:PutObjectTagging',
    resource: objectArn(request.target.bucket ?? '', request.target.key ?? ''),
    context: requestTagKeys(tags),
    isNewObject: true,
  });
  return tags;
}

function directive({ call }: S3Request, of: 'metadata' | 'tagging'): 'COPY' | 'REPLACE' {
  const name = `x-amz-${of}-directive`;
  const value = call.incoming.headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw invalidArgument(name, value, `Unknown ${of} directive.`);
}
