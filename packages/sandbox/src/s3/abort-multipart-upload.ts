import { onObject, type S3Operation } from './s3-operation.ts';
import { findOpenUpload, partsOf, removeParts } from './uploads.ts';

export const abortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  body: 'none',
  needsBucket: true,
  demands: onObject('s3:AbortMultipartUpload'),
  run: (request) => {
    const { state, blobs } = request.world;
    const upload = findOpenUpload(request);
    const doomed = partsOf(state, upload.id).map((part) => part.blob);
    state.commit(state.uploads.remove(upload.id), ...removeParts(state, upload.id));
    blobs.remove(doomed);
    return { status: 204 };
  },
};
