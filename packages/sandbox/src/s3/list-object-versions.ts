import { element, text } from '../http/xml.ts';
import type { BucketRecord } from '../state/records.ts';
import { ownerOf } from './access/bucket-access.ts';
import { readCount, readEncodingType } from './query-values.ts';
import { invalidArgument } from './s3-error.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';
import { keyCoding, ownerElement, xmlReply } from './s3-xml.ts';
import { isVersionId } from './versions/version-id.ts';
import { type ListedVersion, versionPage } from './versions/version-page.ts';
import { isDeleteMarker, versionIdOf } from './versions/version-rows.ts';

const maxPage = 1000;

/** Buckets without versioning answer, too: each object is its own version `null`. */
export const listObjectVersions: S3Operation = {
  name: 'ListObjectVersions',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:ListBucketVersions'),
  run: (request) => {
    const { query } = request.call.incoming;
    const bucket = bucketOf(request);
    const encodingType = readEncodingType(query);
    const coded = keyCoding(encodingType);
    const limit = readCount(query, 'max-keys', maxPage);
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const { keyMarker, versionIdMarker } = readMarkers(query);
    const wanted = { prefix, delimiter, keyMarker, versionIdMarker, limit };
    const { versions, commonPrefixes, next } = versionPage(
      request.world.state,
      bucket.name,
      wanted,
    );
    return xmlReply('ListVersionsResult', [
      text('Name', bucket.name),
      text('Prefix', coded(prefix)),
      text('KeyMarker', coded(keyMarker)),
      text('VersionIdMarker', versionIdMarker ?? ''),
      ...(next ? [text('NextKeyMarker', coded(next.key))] : []),
      ...(next?.versionId ? [text('NextVersionIdMarker', next.versionId)] : []),
      text('MaxKeys', limit),
      text('Delimiter', delimiter === '' ? null : coded(delimiter)),
      text('EncodingType', encodingType),
      text('IsTruncated', next !== null),
      ...versions.map((version) => versionElement(version, coded, bucket)),
      ...commonPrefixes.map((common) => element('CommonPrefixes', [text('Prefix', coded(common))])),
    ]);
  },
};

function readMarkers(query: URLSearchParams): {
  readonly keyMarker: string;
  readonly versionIdMarker: string | null;
} {
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker');
  if (versionIdMarker === null) return { keyMarker, versionIdMarker };
  if (versionIdMarker === '') {
    throw invalidArgument('version-id-marker', '', 'A version-id marker cannot be empty.');
  }
  if (keyMarker === '') {
    throw invalidArgument(
      'version-id-marker',
      versionIdMarker,
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  if (!isVersionId(versionIdMarker)) {
    throw invalidArgument('version-id-marker', versionIdMarker, 'Invalid version id specified');
  }
  return { keyMarker, versionIdMarker };
}

function versionElement(
  { key, record, isLatest }: ListedVersion,
  coded: (key: string) => string,
  bucket: BucketRecord,
): string {
  const start = [
    text('Key', coded(key)),
    text('VersionId', versionIdOf(record)),
    text('IsLatest', isLatest),
    text('LastModified', record.modifiedAt),
  ];
  if (isDeleteMarker(record))
    return element('DeleteMarker', [...start, ownerElement(bucket.accountId)]);
  return element('Version', [
    ...start,
    text('ETag', `"${record.etag}"`),
    text('ChecksumAlgorithm', record.checksum?.algorithm),
    text('ChecksumType', record.checksum?.type),
    text('Size', record.bytes),
    ownerElement(ownerOf(bucket, record)),
    text('StorageClass', record.headers.storageClass),
  ]);
}
