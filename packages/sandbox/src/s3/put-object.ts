import { checksumHeader } from './checksums/checksum.ts';
import { chooseEncryption } from './encryption/choose-encryption.ts';
import { etagOf, uploadEncryptionHeaders } from './encryption/encryption-headers.ts';
import { visibleObject } from './find-object.ts';
import { onNewObject, readProperties } from './new-object.ts';
import { readObjectHeaders } from './object-headers.ts';
import { checkWritePreconditions } from './preconditions.ts';
import { receiveObject } from './receive-body.ts';
import type { S3Operation, S3Request } from './s3-operation.ts';
import { storedHeaders, storeObject } from './store-object.ts';

export const putObject: S3Operation = {
  name: 'PutObject',
  body: 'object',
  needsBucket: true,
  demands: onNewObject,
  run: async (request) => {
    const { incoming } = request.call;
    const headers = readObjectHeaders(incoming);
    const properties = readProperties(request);
    // Told now, a sender need not send the whole body for nothing; what counts is the check below.
    checkPreconditions(request);
    const encryption = chooseEncryption(request);
    return receiveObject(request, null, ({ part, md5, checksum }) => {
      checkPreconditions(request);
      const stored = storeObject(request, {
        etag: etagOf(md5, encryption),
        bytes: part.bytes,
        modifiedAt: request.world.now().toISOString(),
        headers,
        checksum: checksum && { ...checksum, type: 'FULL_OBJECT' },
        parts: [part],
        multipart: false,
        ...properties,
        ...(encryption && { encryption }),
      });
      return {
        status: 200,
        headers: {
          etag: `"${stored.etag}"`,
          ...uploadEncryptionHeaders(encryption),
          ...storedHeaders(request, stored),
          ...(checksum && {
            [checksumHeader(checksum.algorithm)]: checksum.value,
            'x-amz-checksum-type': 'FULL_OBJECT',
          }),
        },
      };
    });
  },
};

function checkPreconditions(request: S3Request): void {
  const { call, target } = request;
  checkWritePreconditions(call.incoming, target.key ?? '', visibleObject(request));
}
