import { AwsError } from '../../http/aws-error.ts';
import { element, text } from '../../http/xml.ts';
import { addMessage } from '../../sqs/queue-messages.ts';
import type { NotificationRule } from '../../state/notification-records.ts';
import type { Change } from '../../state/table.ts';
import { hostId, invalidArgument } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation, type S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { findEventQueue } from './event-queue.ts';
import { eventSender } from './notify-queues.ts';
import { readNotifications } from './read-notifications.ts';

export const getBucketNotificationConfiguration: S3Operation = {
  name: 'GetBucketNotificationConfiguration',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketNotification'),
  run: (request) =>
    xmlReply('NotificationConfiguration', (bucketOf(request).notifications ?? []).map(ruleElement)),
};

/** Every queue must let S3 in, and is sent a test event to prove it. */
export const putBucketNotificationConfiguration: S3Operation = {
  name: 'PutBucketNotificationConfiguration',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketNotification'),
  run: (request) => {
    const { state } = request.world;
    const bucket = bucketOf(request);
    const notifications = readNotifications(request.document);
    const { headers } = request.call.incoming;
    const isBlind = headers.get('x-amz-skip-destination-validation')?.toLowerCase() === 'true';
    const tests = isBlind ? [] : testEvents(request, notifications);
    state.commit(state.buckets.put(bucket.name, { ...bucket, notifications }), ...tests);
    return { status: 200 };
  },
};

function testEvents(request: S3Request, rules: readonly NotificationRule[]): Change[] {
  const bucket = bucketOf(request);
  const changes: Change[] = [];
  const obstacles: Record<string, string> = {};
  for (const { queueArn } of rules) {
    checkRegion(queueArn, bucket.region);
    const found = findEventQueue(queueArn, bucket, request.world);
    if (typeof found === 'string') {
      const number = Object.keys(obstacles).length / 2 + 1;
      obstacles[`ArgumentName${number}`] = queueArn;
      obstacles[`ArgumentValue${number}`] = found;
      continue;
    }
    const body = JSON.stringify(testEvent(request, bucket.name));
    const message = { body, attributes: {}, senderId: eventSender };
    changes.push(addMessage(found, message, request.world).change);
  }
  if (Object.keys(obstacles).length === 0) return changes;
  throw new AwsError(
    400,
    'InvalidArgument',
    'Unable to validate the following destination configurations',
    { fields: obstacles },
  );
}

function testEvent({ call, world }: S3Request, bucket: string): object {
  return {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: world.now().toISOString(),
    Bucket: bucket,
    RequestId: call.id,
    HostId: hostId(call),
  };
}

function checkRegion(arn: string, region: string): void {
  if (arn.split(':')[3] === region) return;
  throw invalidArgument(
    'Queue',
    arn,
    'The notification destination service region is not valid for the bucket location constraint',
  );
}

function ruleElement({ id, queueArn, events, filter }: NotificationRule): string {
  const filterRules = filter.map(({ name, value }) =>
    element('FilterRule', [text('Name', name), text('Value', value)]),
  );
  return element('QueueConfiguration', [
    text('Id', id),
    text('Queue', queueArn),
    ...events.map((event) => text('Event', event)),
    ...(filter.length > 0 ? [element('Filter', [element('S3Key', filterRules)])] : []),
  ]);
}
