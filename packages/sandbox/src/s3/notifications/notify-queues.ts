import { addMessage } from '../../sqs/queue-messages.ts';
import type { NotificationRule } from '../../state/notification-records.ts';
import type { Change } from '../../state/table.ts';
import type { World } from '../../world.ts';
import type { ObjectEvent } from '../versions/object-event.ts';
import { meansEvent } from './event-names.ts';
import { findEventQueue } from './event-queue.ts';
import { eventRecord } from './event-record.ts';
import { prefixOf, suffixOf } from './read-notifications.ts';

/** Who sent a message that S3 sent. */
export const eventSender = 's3.amazonaws.com';

/**
 * The messages for the queues that a bucket's configuration names for an event. They are
 * committed with the change itself: no event is lost, and none tells of what did not happen.
 * A queue that does not let S3 in any more gets none, and nobody is told, as on AWS.
 */
export function notifyQueues(event: ObjectEvent, world: World): Change[] {
  const rules = event.bucket.notifications ?? [];
  return rules
    .filter((rule) => isMeant(rule, event))
    .flatMap((rule) => {
      const queue = findEventQueue(rule.queueArn, event.bucket, world);
      if (typeof queue === 'string') return [];
      const body = JSON.stringify({ Records: [eventRecord(event, rule.id)] });
      return [addMessage(queue, { body, attributes: {}, senderId: eventSender }, world).change];
    });
}

function isMeant(rule: NotificationRule, { name, key }: ObjectEvent): boolean {
  return (
    rule.events.some((configured) => meansEvent(configured, `s3:${name}`)) &&
    key.startsWith(prefixOf(rule)) &&
    key.endsWith(suffixOf(rule))
  );
}
