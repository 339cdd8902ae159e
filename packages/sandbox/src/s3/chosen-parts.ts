import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../http/read-xml.ts';
import type { PartRecord, UploadRecord } from '../state/records.ts';
import { malformedXml } from './s3-error.ts';

/** Every part but the last has at least 5 MiB. */
const minPartBytes = 5 * 1024 * 1024;

/**
 * The parts that a completion names, in order, each proved to be the one that was uploaded.
 *
 * @throws AwsError `MalformedXML`, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall` or `InvalidRequest`.
 */
export function chosenParts(
  document: string,
  upload: UploadRecord,
  uploaded: readonly PartRecord[],
): PartRecord[] {
  const tree = readXml(document, 'CompleteMultipartUpload');
  const named = tree ? treesOf(tree, 'Part') : [];
  if (named.length === 0) throw malformedXml();
  const numbers = named.map(readNumber);
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new AwsError(
      400,
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      { fields: { UploadId: upload.id } },
    );
  }
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts = named.map((one, index) =>
    checkPart(one, numbers[index] ?? 0, byNumber.get(numbers[index] ?? 0), upload),
  );
  for (const part of parts.slice(0, -1)) checkPartSize(part);
  return parts;
}

function readNumber(tree: XmlTree): number {
  const number = Number(textOf(tree, 'PartNumber'));
  if (!Number.isInteger(number)) throw malformedXml();
  return number;
}

function checkPart(
  tree: XmlTree,
  number: number,
  part: PartRecord | undefined,
  upload: UploadRecord,
): PartRecord {
  const etag = textOf(tree, 'ETag')?.trim().replaceAll('"', '');
  if (etag === undefined) throw malformedXml();
  if (part?.md5 !== etag) throw invalidPart(upload, number, etag);
  const algorithm = part.checksum?.algorithm;
  const sent = algorithm && textOf(tree, `Checksum${algorithm}`)?.trim();
  if (sent !== undefined && sent !== part.checksum?.value) throw invalidPart(upload, number, etag);
  // A composite checksum is one of checksums: S3 wants the sender to vouch for each.
  if (sent === undefined && upload.checksum?.type === 'COMPOSITE') {
    throw new AwsError(
      400,
      'InvalidRequest',
      `The upload was created using a ${upload.checksum.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  }
  return part;
}

function checkPartSize(part: PartRecord): void {
  if (part.bytes >= minPartBytes) return;
  throw new AwsError(
    400,
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
    {
      fields: {
        ProposedSize: String(part.bytes),
        MinSizeAllowed: String(minPartBytes),
        PartNumber: String(part.number),
        ETag: part.md5,
      },
    },
  );
}

function invalidPart(upload: UploadRecord, number: number, etag: string): AwsError {
  return new AwsError(
    400,
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { fields: { UploadId: upload.id, PartNumber: String(number), ETag: etag } },
  );
}
