import { checksumHeader } from './checksums/checksum.ts';
import { encryptionHeaders, etagOf } from './encryption/encryption-headers.ts';
import { mustFitUpload, mustOpenUpload } from './encryption/open-encrypted.ts';
import { receiveObject } from './receive-body.ts';
import { notImplemented } from './s3-error.ts';
import type { S3Operation } from './s3-operation.ts';
import { findOpenUpload, onUpload, partKey, readPartNumber } from './uploads.ts';

export const uploadPart: S3Operation = {
  name: 'UploadPart',
  body: 'object',
  needsBucket: true,
  demands: onUpload('s3:PutObject'),
  run: (request) => {
    const { state, blobs, now } = request.world;
    if (request.call.incoming.headers.has('x-amz-copy-source')) {
      throw notImplemented('UploadPartCopy');
    }
    const number = readPartNumber(request);
    const upload = findOpenUpload(request);
    mustFitUpload(request, upload);
    mustOpenUpload(request, upload);
    return receiveObject(request, upload.checksum?.algorithm ?? null, ({ part, md5, checksum }) => {
      // It may have been completed or aborted while the bytes came in.
      findOpenUpload(request);
      const key = partKey(upload.id, number);
      const replaced = state.parts.get(key);
      const etag = etagOf(md5, upload.encryption);
      const modifiedAt = now().toISOString();
      state.commit(state.parts.put(key, { ...part, number, md5: etag, modifiedAt, checksum }));
      if (replaced) blobs.remove([replaced.blob]);
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
