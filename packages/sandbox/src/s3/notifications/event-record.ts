import { createHash } from 'node:crypto';
import { hostId } from '../s3-error.ts';
import { bucketArn } from '../s3-operation.ts';
import { keyCoding } from '../s3-xml.ts';
import type { ObjectEvent } from '../versions/object-event.ts';

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * One event as S3 writes it into a message.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function eventRecord(event: ObjectEvent, configurationId: string): object {
  const { bucket, request, name } = event;
  const call = request?.call;
  return {
    eventVersion: /^Object(Created|Removed):/.test(name) ? '2.1' : '2.3',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: event.at.toISOString(),
    eventName: name,
    userIdentity: { principalId: principalId(event) },
    requestParameters: { sourceIPAddress: call?.incoming.remoteAddress ?? 's3.amazonaws.com' },
    responseElements: call
      ? { 'x-amz-request-id': call.id, 'x-amz-id-2': hostId(call) }
      : // What S3 does by itself answers nobody.
        { 'x-amz-request-id': sequencer(event), 'x-amz-id-2': '' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: customerId(bucket.accountId) },
        arn: bucketArn(bucket.name),
      },
      object: describeObject(event),
    },
    ...(name === 'LifecycleTransition' && {
      lifecycleEventData: {
        transitionEventData: { destinationStorageClass: event.object?.headers.storageClass },
      },
    }),
  };
}

function describeObject(event: ObjectEvent): object {
  const { name, object, versionId } = event;
  const isCreated = name.startsWith('ObjectCreated:');
  const isTagging = name.startsWith('ObjectTagging:');
  const isMarker = name.endsWith(':DeleteMarkerCreated');
  return {
    // Form-encoded, as S3 does: consumers must decode it.
    key: keyCoding('url')(event.key),
    ...(isCreated && { size: object?.bytes }),
    ...((isCreated || isTagging) && { eTag: object?.etag }),
    ...(isMarker && { eTag: emptyMd5 }),
    ...(versionId !== 'null' && { versionId }),
    ...(!isTagging && { sequencer: sequencer(event) }),
  };
}

function principalId({ request }: ObjectEvent): string {
  if (!request) return 's3.amazonaws.com';
  const { kind, userId, accountId } = request.authenticated.caller;
  if (kind === 'anonymous') return 'Anonymous';
  return kind === 'root' ? customerId(accountId ?? '') : `AWS:${userId}`;
}

/** The id that AWS gives a customer, which is none of its account's other ids. */
function customerId(accountId: string): string {
  const hash = createHash('sha256').update(`causeway-sandbox customer ${accountId}`).digest('hex');
  return `A${hash.slice(0, 13).toUpperCase()}`;
}

/**
 * Of two events of one key the one with the greater sequencer came later. While the
 * clock stands still a timer that goes on makes the difference.
 */
function sequencer({ at }: ObjectEvent): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  const tick = process.hrtime.bigint().toString(16).padStart(16, '0');
  return `${time}${tick}`.toUpperCase();
}
