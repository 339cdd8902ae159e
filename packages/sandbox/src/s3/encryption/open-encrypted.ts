import type { AwsError } from '../../http/aws-error.ts';
import type { ObjectEncryption } from '../../state/encryption-records.ts';
import type { UploadRecord } from '../../state/records.ts';
import { invalidArgument } from '../s3-error.ts';
import { bucketOf, type S3Request } from '../s3-operation.ts';
import { mustBeSignedAndSecure } from './choose-encryption.ts';
import { invalidRequest, isSameKey, mustKnowKey, readCustomerKey } from './customer-key.ts';
import { type Place, useKeyOfObject } from './use-kms-key.ts';

const sse = 'x-amz-server-side-encryption';

/**
 * Decides whether a request may have the bytes of an object: by `kms:Decrypt`, or
 * by the customer's own key that it brings along.
 *
 * @param of whether it is read for an answer, or as the source of a copy.
 * @throws AwsError
 */
export function mustOpen(
  request: S3Request,
  encryption: ObjectEncryption | undefined,
  place: Place,
  of: 'answer' | 'copy' = 'answer',
): void {
  mustFitEncryption(request, encryption, of);
  if (encryption?.type !== 'kms') return;
  mustBeSignedAndSecure(request);
  useKeyOfObject(request, 'kms:Decrypt', encryption, place);
}

/**
 * Refuses headers that do not go with the encryption of the object. It is all that
 * HeadObject asks: what an object is said to be is not encrypted by KMS.
 *
 * @throws AwsError
 */
export function mustFitEncryption(
  request: S3Request,
  encryption: ObjectEncryption | undefined,
  of: 'answer' | 'copy' = 'answer',
): void {
  const asked = request.call.incoming.headers.get(sse);
  if (of === 'answer' && asked !== undefined) throw notForThis(asked);
  const sent = readCustomerKey(request, of === 'copy' ? 'x-amz-copy-source-' : 'x-amz-');
  if (encryption?.type === 'customer') mustKnowKey(sent, encryption);
  else if (sent)
    throw invalidRequest('The encryption parameters are not applicable to this object.');
}

/**
 * Decides whether a request may add to, or look into, what was uploaded so far.
 * S3 must read encrypted parts again when it makes the object of them.
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html}
 *
 * @throws AwsError
 */
export function mustOpenUpload(request: S3Request, { encryption }: UploadRecord): void {
  if (encryption?.type !== 'kms') return;
  useKeyOfObject(request, 'kms:Decrypt', encryption, placeOf(request));
}

/** Where the object of a request is. */
export function placeOf(request: S3Request): Place {
  const { name, region } = bucketOf(request);
  return { bucket: name, key: request.target.key ?? '', region };
}

/** @throws AwsError unless a part comes with the key that its upload was created with, if any. */
export function mustFitUpload(request: S3Request, { encryption }: UploadRecord): void {
  const asked = request.call.incoming.headers.get(sse);
  if (asked !== undefined) throw notForThis(asked);
  const sent = readCustomerKey(request);
  if (encryption?.type !== 'customer') {
    if (!sent) return;
    throw invalidRequest(
      'The multipart upload initiate did not request encryption. Please resend the request without sending encryption parameters.',
    );
  }
  if (!sent) {
    throw invalidRequest(
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    );
  }
  if (isSameKey(sent, encryption)) return;
  throw invalidRequest(
    'The provided encryption parameters did not match the ones used originally.',
  );
}

/** Encryption is chosen when an object or an upload is created, and not again. */
function notForThis(asked: string): AwsError {
  return invalidArgument(sse, asked, `${sse} header is not supported for this operation.`);
}
