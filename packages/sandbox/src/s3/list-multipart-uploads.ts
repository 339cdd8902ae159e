import { element, text } from '../http/xml.ts';
import { compareUtf8 } from '../state/compare-utf8.ts';
import type { UploadRecord } from '../state/records.ts';
import { ownerOf } from './access/bucket-access.ts';
import { commonPrefix } from './common-prefix.ts';
import { readCount, readEncodingType } from './query-values.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from './s3-operation.ts';
import { keyCoding, ownerElement, xmlReply } from './s3-xml.ts';

const maxPage = 1000;

export const listMultipartUploads: S3Operation = {
  name: 'ListMultipartUploads',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:ListBucketMultipartUploads'),
  run: (request) => {
    const { query } = request.call.incoming;
    const encodingType = readEncodingType(query);
    const coded = keyCoding(encodingType);
    const limit = readCount(query, 'max-uploads', maxPage);
    const delimiter = query.get('delimiter');
    const { uploads, commonPrefixes, next } = readPage(request, limit);
    return xmlReply('ListMultipartUploadsResult', [
      text('Bucket', bucketOf(request).name),
      text('KeyMarker', coded(query.get('key-marker') ?? '')),
      text('UploadIdMarker', query.get('upload-id-marker') ?? ''),
      ...(next
        ? [text('NextKeyMarker', coded(next.key)), text('NextUploadIdMarker', next.id)]
        : []),
      text('Delimiter', delimiter ? coded(delimiter) : null),
      text('Prefix', coded(query.get('prefix') ?? '')),
      text('EncodingType', encodingType),
      text('MaxUploads', limit),
      text('IsTruncated', next !== null),
      ...uploads.map((upload) => uploadElement(request, upload, coded)),
      ...commonPrefixes.map((prefix) => element('CommonPrefixes', [text('Prefix', coded(prefix))])),
    ]);
  },
};

interface UploadPage {
  readonly uploads: readonly UploadRecord[];
  readonly commonPrefixes: readonly string[];
  readonly next: { readonly key: string; readonly id: string } | null;
}

function readPage(request: S3Request, limit: number): UploadPage {
  const { query } = request.call.incoming;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const uploads: UploadRecord[] = [];
  const commonPrefixes = new Set<string>();
  let last: UploadPage['next'] = null;
  for (const upload of openUploads(request)) {
    const common = commonPrefix(upload.key, { prefix, delimiter });
    if (common !== null && common === query.get('key-marker')) continue;
    if (common === null || !commonPrefixes.has(common)) {
      if (uploads.length + commonPrefixes.size === limit) {
        return { uploads, commonPrefixes: [...commonPrefixes], next: last };
      }
    }
    if (common === null) uploads.push(upload);
    else commonPrefixes.add(common);
    last = { key: common ?? upload.key, id: common === null ? upload.id : '' };
  }
  return { uploads, commonPrefixes: [...commonPrefixes], next: null };
}

/** Uploads of the bucket that the request asks for, by key and then by age. */
function openUploads(request: S3Request): UploadRecord[] {
  const { query } = request.call.incoming;
  const { name } = bucketOf(request);
  const prefix = query.get('prefix') ?? '';
  const all = [...request.world.state.uploads.under('')]
    .filter((one) => one.bucket === name && !one.completed && one.key.startsWith(prefix))
    .sort((a, b) => compareUtf8(a.key, b.key) || compareUtf8(order(a), order(b)));
  const key = query.get('key-marker') ?? '';
  const id = query.get('upload-id-marker') ?? '';
  if (key === '') return all;
  const marked = all.findIndex((one) => one.key === key && one.id === id);
  return marked >= 0 ? all.slice(marked + 1) : all.filter((one) => compareUtf8(one.key, key) > 0);
}

function order(upload: UploadRecord): string {
  return `${upload.initiatedAt}${upload.id}`;
}

function uploadElement(
  request: S3Request,
  upload: UploadRecord,
  coded: (key: string) => string,
): string {
  return element('Upload', [
    text('Key', coded(upload.key)),
    text('UploadId', upload.id),
    element('Initiator', [
      text('ID', upload.initiator.id),
      text('DisplayName', upload.initiator.name),
    ]),
    ownerElement(ownerOf(bucketOf(request), upload)),
    text('StorageClass', upload.headers.storageClass),
    text('Initiated', upload.initiatedAt),
    text('ChecksumAlgorithm', upload.checksum?.algorithm),
    text('ChecksumType', upload.checksum?.type),
  ]);
}
