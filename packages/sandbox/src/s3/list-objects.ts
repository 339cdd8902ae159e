import type { Reply } from '../http/reply.ts';
import { element, text } from '../http/xml.ts';
import type { ObjectRecord } from '../state/records.ts';
import { ownerOf } from './access/bucket-access.ts';
import { type ListPage, listPage } from './list-page.ts';
import { readCount, readEncodingType } from './query-values.ts';
import { invalidArgument } from './s3-error.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from './s3-operation.ts';
import { keyCoding, ownerElement, xmlReply } from './s3-xml.ts';

const maxPage = 1000;

export const listObjects: S3Operation = {
  name: 'ListObjects',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:ListBucket'),
  run: (request) => {
    const { query } = request.call.incoming;
    const marker = query.get('marker') ?? '';
    const { page, coded } = readPage(request, marker);
    const delimiter = query.get('delimiter');
    return listReply(request, page, true, [
      text('Marker', coded(marker)),
      // Without a delimiter the last key of the page is the next marker, so it is not said.
      ...(page.next !== null && delimiter ? [text('NextMarker', coded(page.next))] : []),
    ]);
  },
};

export const listObjectsV2: S3Operation = {
  name: 'ListObjectsV2',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:ListBucket'),
  run: (request) => {
    const { query } = request.call.incoming;
    const type = query.get('list-type') ?? '';
    if (type !== '2')
      throw invalidArgument('list-type', type, 'Invalid List Type specified in Request');
    const token = query.get('continuation-token');
    const startAfter = query.get('start-after');
    const { page, coded } = readPage(
      request,
      token === null ? (startAfter ?? '') : readToken(token),
    );
    const count = page.entries.length + page.commonPrefixes.length;
    return listReply(request, page, query.get('fetch-owner') === 'true', [
      text('KeyCount', count),
      text('ContinuationToken', token),
      text('NextContinuationToken', page.next === null ? null : writeToken(page.next)),
      text('StartAfter', startAfter === null ? null : coded(startAfter)),
    ]);
  },
};

interface ReadPage {
  readonly page: ListPage<ObjectRecord>;
  readonly coded: (key: string) => string;
}

function readPage(request: S3Request, after: string): ReadPage {
  const { query } = request.call.incoming;
  const coded = keyCoding(readEncodingType(query));
  const limit = readCount(query, 'max-keys', maxPage);
  const page = listPage(request.world.state.objects, bucketOf(request).name, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after,
    limit,
  });
  // Nobody who asks for nothing is told to go on.
  return { page: limit === 0 ? { ...page, next: null } : page, coded };
}

function listReply(
  request: S3Request,
  page: ListPage<ObjectRecord>,
  withOwner: boolean,
  paging: readonly string[],
): Reply {
  const { query } = request.call.incoming;
  const bucket = bucketOf(request);
  const encodingType = readEncodingType(query);
  const coded = keyCoding(encodingType);
  const delimiter = query.get('delimiter');
  const owner = remembered(ownerElement);
  return xmlReply('ListBucketResult', [
    text('Name', bucket.name),
    text('Prefix', coded(query.get('prefix') ?? '')),
    ...paging,
    text('MaxKeys', readCount(query, 'max-keys', maxPage)),
    text('Delimiter', delimiter ? coded(delimiter) : null),
    text('EncodingType', encodingType),
    text('IsTruncated', page.next !== null),
    ...page.entries.map(({ key, record }) =>
      contents(coded(key), record, withOwner ? owner(ownerOf(bucket, record)) : ''),
    ),
    ...page.commonPrefixes.map((prefix) =>
      element('CommonPrefixes', [text('Prefix', coded(prefix))]),
    ),
  ]);
}

/** Asks `make` once for each account: a page has few owners, and an id is a hash. */
function remembered(make: (accountId: string) => string): (accountId: string) => string {
  const made = new Map<string, string>();
  return (accountId) => {
    const element = made.get(accountId) ?? make(accountId);
    made.set(accountId, element);
    return element;
  };
}

/** Written in one piece: a page has a thousand of these, and they are most of what a listing costs. */
function contents(key: string, object: ObjectRecord, owner: string): string {
  const { checksum } = object;
  const checksums =
    checksum === null
      ? ''
      : `<ChecksumAlgorithm>${checksum.algorithm}</ChecksumAlgorithm><ChecksumType>${checksum.type}</ChecksumType>`;
  return `<Contents>${text('Key', key)}<LastModified>${object.modifiedAt}</LastModified><ETag>&quot;${object.etag}&quot;</ETag>${checksums}<Size>${object.bytes}</Size>${owner}${text('StorageClass', object.headers.storageClass)}</Contents>`;
}

function writeToken(key: string): string {
  return Buffer.from(`1 ${key}`).toString('base64');
}

function readToken(token: string): string {
  const decoded = Buffer.from(token, 'base64').toString();
  if (decoded.startsWith('1 ')) return decoded.slice(2);
  throw invalidArgument(
    'continuation-token',
    token,
    'The continuation token provided is incorrect',
  );
}
