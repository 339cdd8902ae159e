import { AwsError, ClientGone } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import { readBody, readWhole } from '../http/read-body.ts';
import type { Payload } from '../sigv4/payload.ts';
import type { ChecksumAlgorithm, StoredChecksum, StoredPart } from '../state/records.ts';
import { BodyDigests } from './checksums/body-digests.ts';
import { defaultAlgorithm } from './checksums/checksum.ts';
import { keepBytes } from './keep-bytes.ts';
import { malformedXml } from './s3-error.ts';
import type { S3Request } from './s3-operation.ts';

const maxDocumentBytes = 2 * 1024 * 1024;
const maxSingleUploadBytes = 5 * 1024 ** 3;

/** Bytes that are on disk, verified, and not yet part of anything. */
export interface ReceivedBytes {
  readonly part: StoredPart;
  /** Hex. */
  readonly md5: string;
  readonly checksum: StoredChecksum | null;
}

/**
 * Reads a body that is a document.
 *
 * @param isOwnChecksum whether a checksum in the headers is that of the document.
 */
export async function readDocument(
  incoming: Incoming,
  payload: Payload,
  isOwnChecksum: boolean,
): Promise<string> {
  const digests = isOwnChecksum ? new BodyDigests(incoming, { md5: false }) : null;
  const trailers = new Map<string, string>();
  const pieces = readBody(incoming, payload, trailers);
  const bytes = await readWhole(pieces, maxDocumentBytes, malformedXml());
  digests?.update(bytes);
  await digests?.verify(trailers);
  return bytes.toString();
}

/**
 * Receives the bytes of an object or part, then lets the request run into the
 * fault plan, then hands them to `keep`. Unless that returns they are gone again.
 */
export async function receiveObject<T>(
  request: S3Request,
  algorithm: ChecksumAlgorithm | null,
  keep: (received: ReceivedBytes) => T,
): Promise<T> {
  const { incoming } = request.call;
  checkLength(incoming, request.payload);
  const { blobs, slabs, digestThreads } = request.world;
  const wanted = { md5: true, algorithm: algorithm ?? defaultAlgorithm };
  const digests = new BodyDigests(incoming, wanted, digestThreads);
  if (algorithm && digests.algorithm !== algorithm) throw checksumTypeMismatch(algorithm, digests);
  const writer = await blobs.create();
  try {
    const trailers = new Map<string, string>();
    await keepBytes(readBody(incoming, request.payload, trailers), digests, writer, slabs);
    if (!incoming.message.complete) throw new ClientGone();
    const { md5, checksum } = await digests.verify(trailers);
    await writer.finish();
    await request.passFaults();
    const received = { part: { blob: writer.id, bytes: writer.bytes }, md5: md5 ?? '', checksum };
    if (request.isDoubled()) await keepCopy(request, received, keep);
    return keep(received);
  } catch (error) {
    digests.discard();
    await writer.discard();
    throw error;
  }
}

/** What a request leaves behind that is executed twice: its bytes are two files then, too. */
async function keepCopy(
  { world }: S3Request,
  received: ReceivedBytes,
  keep: (received: ReceivedBytes) => unknown,
): Promise<void> {
  const blob = await world.blobs.copy(received.part.blob);
  try {
    keep({ ...received, part: { ...received.part, blob } });
  } catch (error) {
    world.blobs.remove([blob]);
    throw error;
  }
}

function checkLength({ headers }: Incoming, payload: Payload): void {
  // Of a form the length is known, that of the file in it is not.
  if (payload.kind === 'form') return;
  const name = payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length';
  const length = headers.get(name);
  if (length === undefined) {
    throw new AwsError(
      411,
      'MissingContentLength',
      'You must provide the Content-Length HTTP header.',
    );
  }
  if (Number(length) <= maxSingleUploadBytes) return;
  throw new AwsError(
    400,
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
    { fields: { ProposedSize: length, MaxSizeAllowed: String(maxSingleUploadBytes) } },
  );
}

function checksumTypeMismatch(expected: ChecksumAlgorithm, digests: BodyDigests): AwsError {
  return new AwsError(
    400,
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${digests.algorithm?.toLowerCase() ?? 'null'}`,
  );
}
