import { AwsError } from '../../http/aws-error.ts';
import { text } from '../../http/xml.ts';
import type { ChecksumAlgorithm } from '../../state/records.ts';
import type { ByteRange } from '../byte-range.ts';
import { defaultAlgorithm, startChecksum } from '../checksums/checksum.ts';
import { encryptionHeaders } from '../encryption/encryption-headers.ts';
import { mustFitUpload, mustOpenUpload } from '../encryption/open-encrypted.ts';
import { readObject } from '../read-object.ts';
import type { ReceivedBytes } from '../receive-body.ts';
import { invalidArgument } from '../s3-error.ts';
import type { S3Operation, S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { findOpenUpload, keepPart, onUpload, readPartNumber } from '../uploads.ts';
import { type CopySource, findSource, sourceVersionHeader } from './copy-source.ts';

const maxPartBytes = 5 * 1024 ** 3;

/** A part has digests of its own, so its bytes are read, and a range of an object gets a file of its own. */
export const uploadPartCopy: S3Operation = {
  name: 'UploadPartCopy',
  body: 'none',
  needsBucket: true,
  demands: onUpload('s3:PutObject'),
  run: async (request) => {
    const number = readPartNumber(request);
    const upload = findOpenUpload(request);
    mustFitUpload(request, upload);
    const source = findSource(request);
    mustOpenUpload(request, upload);
    const range = readSourceRange(request, source);
    const copied = await copyBytes(
      request,
      source,
      range,
      upload.checksum?.algorithm ?? defaultAlgorithm,
    );
    try {
      const part = keepPart(request, upload, number, copied);
      const reply = xmlReply('CopyPartResult', [
        text('LastModified', part.modifiedAt),
        text('ETag', `"${part.md5}"`),
        ...(part.checksum ? [text(`Checksum${part.checksum.algorithm}`, part.checksum.value)] : []),
      ]);
      return {
        ...reply,
        headers: {
          ...reply.headers,
          ...encryptionHeaders(upload.encryption),
          ...sourceVersionHeader(source),
        },
      };
    } catch (error) {
      request.world.blobs.remove([copied.part.blob]);
      throw error;
    }
  },
};

function readSourceRange({ call }: S3Request, { object }: CopySource): ByteRange {
  const name = 'x-amz-copy-source-range';
  const header = call.incoming.headers.get(name);
  const range = { start: 0, end: object.bytes };
  if (header !== undefined) {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
    if (first === undefined || last === undefined || Number(last) < Number(first)) {
      throw invalidArgument(
        name,
        header,
        'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      );
    }
    if (Number(last) >= object.bytes) {
      throw invalidArgument(
        name,
        header,
        `Range specified is not valid for source object of size: ${object.bytes}`,
      );
    }
    Object.assign(range, { start: Number(first), end: Number(last) + 1 });
  }
  if (range.end - range.start <= maxPartBytes) return range;
  throw new AwsError(
    400,
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPartBytes}`,
  );
}

async function copyBytes(
  { world }: S3Request,
  { object }: CopySource,
  range: ByteRange,
  algorithm: ChecksumAlgorithm,
): Promise<ReceivedBytes> {
  const { blobs } = world;
  const release = blobs.pin(object.parts.map(({ blob }) => blob));
  const writer = await blobs.create();
  try {
    const md5 = startChecksum('MD5');
    const running = startChecksum(algorithm);
    for await (const piece of readObject(object, range, blobs)) {
      md5.update(piece);
      running.update(piece);
      await writer.writeNow(piece);
    }
    await writer.finish();
    const checksum = { algorithm, value: running.digest().toString('base64') };
    const part = { blob: writer.id, bytes: writer.bytes };
    return { part, md5: md5.digest().toString('hex'), checksum };
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    release();
  }
}
