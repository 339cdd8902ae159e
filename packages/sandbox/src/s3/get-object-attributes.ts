import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { ObjectRecord } from '../state/records.ts';
import { mustFitEncryption, mustOpen, placeOf } from './encryption/open-encrypted.ts';
import { findObject } from './find-object.ts';
import { invalidArgument } from './s3-error.ts';
import { onVersion, type S3Operation, type S3Request } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';
import { versionHeader } from './versions/version-id.ts';

const attributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
type Attribute = (typeof attributes)[number];

const maxPage = 1000;

/** It tells what HeadObject and ListParts would, so it takes the right to read, too. */
export const getObjectAttributes: S3Operation = {
  name: 'GetObjectAttributes',
  body: 'none',
  needsBucket: true,
  demands: (request) => [
    ...onVersion('s3:GetObject')(request),
    ...onVersion('s3:GetObjectAttributes')(request),
  ],
  run: (request) => {
    const wanted = readAttributes(request);
    const object = findObject(request);
    const tellsOfContent = wanted.has('Checksum') || wanted.has('ObjectParts');
    if (tellsOfContent) mustOpen(request, object.encryption, placeOf(request));
    else mustFitEncryption(request, object.encryption);
    const reply = xmlReply(
      'GetObjectAttributesResponse',
      attributes.filter((name) => wanted.has(name)).map((name) => write(name, object, request)),
    );
    return {
      ...reply,
      headers: {
        ...reply.headers,
        'last-modified': new Date(object.modifiedAt).toUTCString(),
        ...versionHeader(request.bucket, object),
      },
    };
  },
};

function readAttributes({ call }: S3Request): ReadonlySet<Attribute> {
  const name = 'x-amz-object-attributes';
  const header = call.incoming.headers.get(name) ?? '';
  const named = header
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (named.length === 0) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    );
  }
  const known = named.flatMap((word) => attributes.find((one) => one === word) ?? []);
  if (known.length < named.length) {
    throw invalidArgument(name, header, 'Invalid attribute name specified.');
  }
  return new Set(known);
}

function write(name: Attribute, object: ObjectRecord, request: S3Request): string {
  switch (name) {
    case 'ETag':
      // The only answer of S3 that gives an ETag without its quotes.
      return text('ETag', object.etag);
    case 'Checksum':
      return checksumElement(object);
    case 'ObjectParts':
      return partsElement(object, request);
    case 'StorageClass':
      return text('StorageClass', object.headers.storageClass);
    case 'ObjectSize':
      return text('ObjectSize', object.bytes);
  }
}

function checksumElement({ checksum }: ObjectRecord): string {
  if (!checksum) return '';
  return element('Checksum', [
    // How many parts a composite checksum is of is said by the parts.
    text(`Checksum${checksum.algorithm}`, checksum.value.replace(/-\d+$/, '')),
    text('ChecksumType', checksum.type),
  ]);
}

/** Parts are listed with their checksums; of those uploaded without, only the number is told. */
function partsElement({ multipart, parts, checksum }: ObjectRecord, request: S3Request): string {
  if (!multipart) return '';
  const marker = readHeader(request, 'x-amz-part-number-marker', 0);
  const limit = Math.min(readHeader(request, 'x-amz-max-parts', maxPage), maxPage);
  const hasChecksums = checksum !== null && parts.every((part) => part.checksum !== undefined);
  const total = text('PartsCount', parts.length);
  if (!hasChecksums) return element('ObjectParts', [total]);
  const page = parts.slice(marker, marker + limit);
  const next = marker + page.length;
  return element('ObjectParts', [
    total,
    text('PartNumberMarker', marker),
    text('NextPartNumberMarker', next),
    text('MaxParts', limit),
    text('IsTruncated', next < parts.length),
    ...page.map((part, index) =>
      element('Part', [
        text('PartNumber', marker + index + 1),
        text('Size', part.bytes),
        text(`Checksum${checksum.algorithm}`, part.checksum),
      ]),
    ),
  ]);
}

function readHeader({ call }: S3Request, name: string, otherwise: number): number {
  const value = call.incoming.headers.get(name);
  if (value === undefined) return otherwise;
  if (/^\d{1,10}$/.test(value)) return Number(value);
  throw invalidArgument(
    name,
    value,
    `Argument ${name} must be an integer between 0 and 2147483647`,
  );
}
