import { findObject } from '../find-object.ts';
import { bucketOf, onVersion, type S3Operation, type S3Request } from '../s3-operation.ts';
import { versionHeader } from '../versions/version-id.ts';
import { findVersion, replaceRecord, versionIdOf } from '../versions/version-rows.ts';
import { aclReply } from './acl-document.ts';
import { aclNotSupported, readAcl } from './acl-request.ts';
import { grantsOfObject, ownerOf, ownershipOf } from './bucket-access.ts';

export const getObjectAcl: S3Operation = {
  name: 'GetObjectAcl',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:GetObjectAcl'),
  run: (request) => {
    const bucket = bucketOf(request);
    const object = findObject(request);
    const reply = aclReply(ownerOf(bucket, object), grantsOfObject(bucket, object));
    return { ...reply, headers: { ...reply.headers, ...versionHeader(bucket, object) } };
  },
};

export const putObjectAcl: S3Operation = {
  name: 'PutObjectAcl',
  body: 'document',
  needsBucket: true,
  demands: onVersion('s3:PutObjectAcl'),
  run: (request) => {
    const bucket = bucketOf(request);
    const object = findObject(request);
    const headers = versionHeader(bucket, object);
    if (ownershipOf(bucket) === 'BucketOwnerEnforced') {
      if (isOwnersFullControl(request)) return { status: 200, headers };
      throw aclNotSupported();
    }
    const owner = ownerOf(bucket, object);
    const grants = readAcl(request, 's3:PutObjectAcl', {
      kind: 'object',
      owner,
      bucketOwner: bucket.accountId,
    });
    const { state } = request.world;
    const place = { bucket: bucket.name, key: request.target.key ?? '' };
    const found = findVersion(state, place, versionIdOf(object));
    if (found)
      state.commit(replaceRecord(state, place, found, { ...object, access: { owner, grants } }));
    return { status: 200, headers };
  },
};

/** What an object of an enforcing bucket has anyway may be asked for. */
function isOwnersFullControl({ call, document }: S3Request): boolean {
  return (
    call.incoming.headers.get('x-amz-acl') === 'bucket-owner-full-control' && document.trim() === ''
  );
}
