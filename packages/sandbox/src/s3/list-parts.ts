import { element, text } from '../http/xml.ts';
import type { PartRecord } from '../state/records.ts';
import { ownerOf } from './access/bucket-access.ts';
import { mustOpenUpload } from './encryption/open-encrypted.ts';
import { abortHeaders } from './lifecycle/expiration-header.ts';
import { readCount } from './query-values.ts';
import { bucketOf, onObject, type S3Operation } from './s3-operation.ts';
import { ownerElement, xmlReply } from './s3-xml.ts';
import { findOpenUpload, partsOf } from './uploads.ts';

const maxPage = 1000;

export const listParts: S3Operation = {
  name: 'ListParts',
  body: 'none',
  needsBucket: true,
  demands: onObject('s3:ListMultipartUploadParts'),
  run: (request) => {
    const { query } = request.call.incoming;
    const upload = findOpenUpload(request);
    mustOpenUpload(request, upload);
    const marker = readCount(query, 'part-number-marker', 10_000);
    const after = query.has('part-number-marker') ? marker : 0;
    const limit = readCount(query, 'max-parts', maxPage);
    const following = partsOf(request.world.state, upload.id).filter((part) => part.number > after);
    const page = following.slice(0, limit);
    const isTruncated = following.length > page.length;
    const reply = xmlReply('ListPartsResult', [
      text('Bucket', upload.bucket),
      text('Key', upload.key),
      text('UploadId', upload.id),
      element('Initiator', [
        text('ID', upload.initiator.id),
        text('DisplayName', upload.initiator.name),
      ]),
      ownerElement(ownerOf(bucketOf(request), upload)),
      text('StorageClass', upload.headers.storageClass),
      text('PartNumberMarker', after),
      text('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      text('MaxParts', limit),
      text('IsTruncated', isTruncated),
      text('ChecksumAlgorithm', upload.checksum?.algorithm),
      text('ChecksumType', upload.checksum?.type),
      ...page.map(partElement),
    ]);
    return { ...reply, headers: { ...reply.headers, ...abortHeaders(request.bucket, upload) } };
  },
};

function partElement(part: PartRecord): string {
  return element('Part', [
    text('PartNumber', part.number),
    text('LastModified', part.modifiedAt),
    text('ETag', `"${part.md5}"`),
    text('Size', part.bytes),
    part.checksum ? text(`Checksum${part.checksum.algorithm}`, part.checksum.value) : '',
  ]);
}
