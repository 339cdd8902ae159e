import { randomBytes } from 'node:crypto';
import { canonicalUserId } from '../access/canonical-user-id.ts';
import { AwsError } from '../http/aws-error.ts';
import { text } from '../http/xml.ts';
import type { UploadRecord } from '../state/records.ts';
import { isCombinable } from './checksums/combine-crcs.ts';
import { readChecksumAlgorithm } from './checksums/read-checksum-algorithm.ts';
import { chooseEncryption } from './encryption/choose-encryption.ts';
import { uploadEncryptionHeaders } from './encryption/encryption-headers.ts';
import { abortHeaders } from './lifecycle/expiration-header.ts';
import { onNewObject, readProperties } from './new-object.ts';
import { readObjectHeaders } from './object-headers.ts';
import { uploadContext } from './s3-context.ts';
import { accessDenied } from './s3-error.ts';
import { bucketOf, type S3Operation, type S3Request } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';

export const createMultipartUpload: S3Operation = {
  name: 'CreateMultipartUpload',
  body: 'document',
  needsBucket: true,
  demands: onNewObject,
  run: (request) => {
    if (request.authenticated.caller.kind === 'anonymous') {
      throw accessDenied(
        'Anonymous users cannot initiate multipart uploads.  Please authenticate.',
      );
    }
    const { state, now } = request.world;
    const headers = readObjectHeaders(request.call.incoming);
    const encryption = chooseEncryption(request);
    const upload: UploadRecord = {
      id: randomBytes(48).toString('base64url'),
      bucket: bucketOf(request).name,
      key: request.target.key ?? '',
      initiatedAt: now().toISOString(),
      initiator: initiatorOf(request),
      headers,
      checksum: readChecksum(request),
      ...readProperties(request),
      context: uploadContext(request.call.incoming),
      ...(encryption && { encryption }),
      completed: null,
    };
    state.commit(state.uploads.put(upload.id, upload));
    const reply = xmlReply('InitiateMultipartUploadResult', [
      text('Bucket', upload.bucket),
      text('Key', upload.key),
      text('UploadId', upload.id),
    ]);
    return {
      ...reply,
      headers: {
        ...reply.headers,
        ...uploadEncryptionHeaders(encryption),
        ...abortHeaders(request.bucket, upload),
        ...(upload.checksum && {
          'x-amz-checksum-algorithm': upload.checksum.algorithm,
          'x-amz-checksum-type': upload.checksum.type,
        }),
      },
    };
  },
};

/** IAM users and roles go by their ARN, an account by its canonical id. */
function initiatorOf({ authenticated, bucket }: S3Request): UploadRecord['initiator'] {
  const { kind, arn, accountId } = authenticated.caller;
  const isNamed = kind === 'user' || kind === 'session';
  const id = isNamed ? arn : canonicalUserId(accountId ?? bucket?.accountId ?? '');
  return { id, name: isNamed ? (arn.split('/').at(-1) ?? '') : '' };
}

function readChecksum({ call }: S3Request): UploadRecord['checksum'] {
  const { headers } = call.incoming;
  const name = headers.get('x-amz-checksum-algorithm');
  const type = headers.get('x-amz-checksum-type')?.toUpperCase();
  if (name === undefined) {
    if (type === undefined) return null;
    throw invalid(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const algorithm = readChecksumAlgorithm(name);
  const chosen = type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (chosen !== 'COMPOSITE' && chosen !== 'FULL_OBJECT') {
    throw invalid('Value for x-amz-checksum-type header is invalid.');
  }
  const isPossible = chosen === 'FULL_OBJECT' ? isCombinable(algorithm) : algorithm !== 'CRC64NVME';
  if (!isPossible) {
    throw invalid(
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: chosen };
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message);
}
