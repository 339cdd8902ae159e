import { addMessage } from '../../sqs/queue-messages.ts';
import type { NotificationRule } from '../../state/notification-records.ts';
import type { ObjectEvent, ObjectObserver } from '../versions/object-event.ts';
import { meansEvent } from './event-names.ts';
import { findEventQueue } from './event-queue.ts';
import { eventRecord } from './event-record.ts';
import { prefixOf, suffixOf } from './read-notifications.ts';

/** Who sent a message that S3 sent. */
export const eventSender = 's3.amazonaws.com';

/**
 * Sends the events of a bucket to the queues that its configuration names, together
 * with the change itself: no event is lost, and none tells of what did not happen.
 * A queue that does not let S3 in any more gets none, and nobody is told, as on AWS.
 */
export const notifyQueues: ObjectObserver = (event, world) => {
  const rules = event.bucket.notifications ?? [];
  return rules
    .filter((rule) => isMeant(rule, event))
    .flatMap((rule) => {
      const queue = findEventQueue(rule.queueArn, event.bucket, world);
      if (typeof queue === 'string') return [];
      const body = JSON.stringify({ Records: [eventRecord(event, rule.id)] });
      return [addMessage(queue, { body, attributes: {}, senderId: eventSender }, world).change];
    });
};

function isMeant(rule: NotificationRule, { name, key }: ObjectEvent): boolean {
  return (
    rule.events.some((configured) => meansEvent(configured, `s3:${name}`)) &&
    key.startsWith(prefixOf(rule)) &&
    key.endsWith(suffixOf(rule))
  );
}
