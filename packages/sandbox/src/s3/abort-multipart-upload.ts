import { onObject, type S3Operation } from './s3-operation.ts';
import { abortUpload, findOpenUpload } from './uploads.ts';

export const abortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  body: 'none',
  needsBucket: true,
  demands: onObject('s3:AbortMultipartUpload'),
  run: (request) => {
    abortUpload(request.world, findOpenUpload(request));
    return { status: 204 };
  },
};
