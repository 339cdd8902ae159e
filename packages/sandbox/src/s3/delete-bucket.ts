import { AwsError } from '../http/aws-error.ts';
import type { State } from '../state/state.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';

export const deleteBucket: S3Operation = {
  name: 'DeleteBucket',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:DeleteBucket'),
  run: (request) => {
    const { name } = bucketOf(request);
    const { state, blobs } = request.world;
    checkEmpty(state, name);
    const uploads = [...state.uploads.under('')].filter((upload) => upload.bucket === name);
    const parts = uploads.flatMap((upload) => [...state.parts.keysUnder(`${upload.id}/`)]);
    const doomed = parts.map((key) => state.parts.get(key)?.blob ?? '');
    state.commit(
      state.buckets.remove(name),
      ...uploads.map((upload) => state.uploads.remove(upload.id)),
      ...parts.map((key) => state.parts.remove(key)),
    );
    blobs.remove(doomed);
    return { status: 204 };
  },
};

/** Versions and delete markers count, though they cannot be seen in a plain listing. */
function checkEmpty(state: State, name: string): void {
  const start = `${name}/`;
  if (state.objects.seek(start)?.startsWith(start)) {
    throw notEmpty(name, 'The bucket you tried to delete is not empty');
  }
  if (state.versions.seek(start)?.startsWith(start)) {
    throw notEmpty(
      name,
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    );
  }
}

function notEmpty(name: string, message: string): AwsError {
  return new AwsError(409, 'BucketNotEmpty', message, { fields: { BucketName: name } });
}
