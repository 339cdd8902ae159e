import { randomUUID } from 'node:crypto';
import type { MessageRecord, QueueRecord } from '../state/sqs-records.ts';
import type { Change } from '../state/table.ts';
import type { World } from '../world.ts';
import { type QueueName, queueKey } from './queue-arn.ts';
import { numberOf } from './queue-attributes.ts';

/** Under what the messages of a queue are kept, roughly in the order in which they were sent. */
export function messagesOf(queue: QueueName): string {
  return `${queueKey(queue)}/`;
}

/** What a sender says of a message. */
export interface NewMessage extends Pick<MessageRecord, 'body' | 'attributes' | 'senderId'> {
  readonly traceHeader?: string | null;
  /** Absent: as the queue has it. */
  readonly delaySeconds?: number | null;
}

/** Puts a message into a queue. */
export function addMessage(
  queue: QueueRecord,
  message: NewMessage,
  world: Pick<World, 'state' | 'now'>,
): { readonly id: string; readonly change: Change } {
  const now = world.now();
  const id = randomUUID();
  const delay = message.delaySeconds ?? numberOf(queue, 'DelaySeconds');
  const record: MessageRecord = {
    id,
    body: message.body,
    attributes: message.attributes,
    traceHeader: message.traceHeader ?? null,
    senderId: message.senderId,
    sentAt: now.toISOString(),
    visibleAt: new Date(now.getTime() + delay * 1000).toISOString(),
    receiveCount: 0,
    firstReceivedAt: null,
    receipt: null,
    deadLetterSource: null,
  };
  return { id, change: world.state.messages.put(newMessageKey(queue, now, id), record) };
}

/** The key of a new message: within a millisecond, and while the clock stands still, by a timer that goes on. */
export function newMessageKey(queue: QueueName, now: Date, id: string): string {
  const time = String(now.getTime()).padStart(14, '0');
  const tick = String(process.hrtime.bigint()).padStart(20, '0');
  return `${messagesOf(queue)}${time}-${tick}-${id}`;
}

/** Whether a message has been kept for as long as its queue keeps any. */
export function isExpired(message: MessageRecord, queue: QueueRecord, now: Date): boolean {
  const seconds = numberOf(queue, 'MessageRetentionPeriod');
  return Date.parse(message.sentAt) + seconds * 1000 <= now.getTime();
}

export function countMessages(
  queue: QueueRecord,
  { state, now }: Pick<World, 'state' | 'now'>,
): Record<string, string> {
  const time = now();
  const counts = { visible: 0, inFlight: 0, delayed: 0 };
  for (const message of state.messages.under(messagesOf(queue))) {
    if (isExpired(message, queue, time)) continue;
    const isVisible = Date.parse(message.visibleAt) <= time.getTime();
    counts[isVisible ? 'visible' : message.receipt === null ? 'delayed' : 'inFlight'] += 1;
  }
  return {
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
  };
}
