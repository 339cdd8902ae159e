import { AwsError } from '../../http/aws-error.ts';
import type { ObjectRecord, Tags } from '../../state/records.ts';
import { findVersionOf, placeOf } from '../find-object.ts';
import { onVersion, type S3Operation, type S3Request } from '../s3-operation.ts';
import { changeObjects } from '../versions/change-objects.ts';
import { versionHeader } from '../versions/version-id.ts';
import { replaceRecord, versionIdOf } from '../versions/version-rows.ts';
import { requestTagKeys } from './tag-keys.ts';
import { readTagDocument, taggingReply } from './tag-set.ts';

export const getObjectTagging: S3Operation = {
  name: 'GetObjectTagging',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:GetObjectTagging'),
  run: (request) => {
    const { record } = findVersionOf(request);
    const reply = taggingReply(record.tags);
    return { ...reply, headers: { ...reply.headers, ...versionHeader(request.bucket, record) } };
  },
};

export const putObjectTagging: S3Operation = {
  name: 'PutObjectTagging',
  body: 'document',
  needsBucket: true,
  // Decided once the tags are known: policies may be about them.
  demands: () => [],
  run: (request) => {
    const tags = authorizedTags(request);
    const record = changeTags(request, tags, 'ObjectTagging:Put');
    return { status: 200, headers: versionHeader(request.bucket, record) };
  },
};

export const deleteObjectTagging: S3Operation = {
  name: 'DeleteObjectTagging',
  body: 'none',
  needsBucket: true,
  demands: onVersion('s3:DeleteObjectTagging'),
  run: (request) => {
    const record = changeTags(request, {}, 'ObjectTagging:Delete');
    return { status: 204, headers: versionHeader(request.bucket, record) };
  },
};

/** A caller who may not tag is told so before what is wrong with the tags. */
function authorizedTags(request: S3Request): Tags {
  const read = readOrRefuse(request.document);
  const tags = read instanceof AwsError ? undefined : read;
  for (const demand of onVersion('s3:PutObjectTagging')(request)) {
    request.authorize({ ...demand, context: { ...demand.context, ...requestTagKeys(tags) } });
  }
  if (read instanceof AwsError) throw read;
  return read;
}

function readOrRefuse(document: string): Tags | AwsError {
  try {
    return readTagDocument(document, 'object');
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** Tags belong to a version: changing them makes no new one. */
function changeTags(
  request: S3Request,
  tags: Tags,
  name: 'ObjectTagging:Put' | 'ObjectTagging:Delete',
): ObjectRecord {
  const { world, bucket } = request;
  const found = findVersionOf(request);
  const { tags: _before, ...rest } = found.record;
  const record: ObjectRecord = Object.keys(tags).length > 0 ? { ...rest, tags } : rest;
  const place = placeOf(request);
  if (!bucket) throw new Error('Tags are put on objects of a bucket');
  const changes = [replaceRecord(world.state, place, found, record)];
  changeObjects(
    world,
    { changes, gone: [] },
    {
      name,
      bucket,
      key: place.key,
      versionId: versionIdOf(record),
      object: record,
      at: world.now(),
      request,
    },
  );
  return record;
}
