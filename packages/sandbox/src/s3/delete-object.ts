import { checkWritePreconditions } from './preconditions.ts';
import { invalidArgument } from './s3-error.ts';
import { onObject, type S3Operation, type S3Request } from './s3-operation.ts';

export const deleteObject: S3Operation = {
  name: 'DeleteObject',
  body: 'none',
  needsBucket: true,
  demands: onObject('s3:DeleteObject'),
  run: (request) => {
    const { key } = request.target;
    const { incoming } = request.call;
    const version = incoming.query.get('versionId');
    if (version !== null && version !== 'null') {
      throw invalidArgument('versionId', version, 'Invalid version id specified');
    }
    const existing = request.world.state.objects.get(`${request.target.bucket}/${key}`);
    if (incoming.headers.has('if-match')) checkWritePreconditions(incoming, key ?? '', existing);
    removeObjects(request, [key ?? '']);
    return { status: 204 };
  },
};

/** Removes objects of the request's bucket, all at once; keys without an object are no error. */
export function removeObjects(request: S3Request, keys: readonly string[]): void {
  const { state, blobs } = request.world;
  const names = [...new Set(keys)].map((key) => `${request.target.bucket}/${key}`);
  const found = names.filter((name) => state.objects.has(name));
  const doomed = found.flatMap((name) => state.objects.get(name)?.parts ?? []);
  state.commit(...found.map((name) => state.objects.remove(name)));
  blobs.remove(doomed.map((part) => part.blob));
}
