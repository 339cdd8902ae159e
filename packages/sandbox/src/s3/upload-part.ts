import { checksumHeader } from './checksums/checksum.ts';
import { encryptionHeaders } from './encryption/encryption-headers.ts';
import { mustFitUpload, mustOpenUpload } from './encryption/open-encrypted.ts';
import { receiveObject } from './receive-body.ts';
import type { S3Operation } from './s3-operation.ts';
import { findOpenUpload, keepPart, onUpload, readPartNumber } from './uploads.ts';

export const uploadPart: S3Operation = {
  name: 'UploadPart',
  body: 'object',
  needsBucket: true,
  demands: onUpload('s3:PutObject'),
  run: (request) => {
    const number = readPartNumber(request);
    const upload = findOpenUpload(request);
    mustFitUpload(request, upload);
    mustOpenUpload(request, upload);
    return receiveObject(request, upload.checksum?.algorithm ?? null, (received) => {
      const { md5: etag, checksum } = keepPart(request, upload, number, received);
      return {
        status: 200,
        headers: {
          etag: `"${etag}"`,
          ...encryptionHeaders(upload.encryption),
          ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
        },
      };
    });
  },
};
