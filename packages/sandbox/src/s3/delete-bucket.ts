import { AwsError } from '../http/aws-error.ts';
import { bucketOf, onBucket, type S3Operation } from './s3-operation.ts';

export const deleteBucket: S3Operation = {
  name: 'DeleteBucket',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:DeleteBucket'),
  run: (request) => {
    const { name } = bucketOf(request);
    const { state, blobs } = request.world;
    if (state.objects.seek(`${name}/`)?.startsWith(`${name}/`)) {
      throw new AwsError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
        fields: { BucketName: name },
      });
    }
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
