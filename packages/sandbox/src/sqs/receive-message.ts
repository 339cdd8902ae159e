import { createHash, randomUUID } from 'node:crypto';
import { ClientGone } from '../http/aws-error.ts';
import type { JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { MessageRecord, QueueRecord } from '../state/sqs-records.ts';
import type { Change } from '../state/table.ts';
import type { World } from '../world.ts';
import { attributesMd5, chosenAttributes, describeAttributes } from './message-attributes.ts';
import { queueArn, queueKey, queueOfArn } from './queue-arn.ts';
import { numberOf, redriveOf } from './queue-attributes.ts';
import { isExpired, messagesOf, newMessageKey } from './queue-messages.ts';
import { writeReceipt } from './receipt.ts';
import { invalidParameter } from './sqs-error.ts';
import { queueOperation } from './sqs-operation.ts';

/**
 * Receives messages and hides them from others for a while. With a wait it answers
 * as soon as there is one: the wait is in real time, what it waits for is by the
 * sandbox's clock.
 */
export const receiveMessage = queueOperation('ReceiveMessage', async (request, queue) => {
  const { world, call } = request;
  const asked = readAsked(request, queue);
  const deadline = Date.now() + asked.waitSeconds * 1000;
  for (let current: QueueRecord | undefined = queue; current; ) {
    const received = take(world, current, asked);
    const left = deadline - Date.now();
    if (received.length > 0 || left <= 0) return describeAll(received, asked);
    const pause = Math.min(left, untilNext(world, current));
    await world.queueBells.wait(messagesOf(queue), pause, call.clientGone);
    if (call.clientGone.aborted) throw new ClientGone();
    current = world.state.queues.get(queueKey(queue));
  }
  return {};
});

interface Asked {
  readonly count: number;
  readonly hiddenSeconds: number;
  readonly waitSeconds: number;
  readonly systemAttributes: readonly string[];
  readonly attributes: readonly string[];
}

interface Received {
  readonly message: MessageRecord;
  readonly receipt: string;
}

function readAsked({ input }: JsonRequest, queue: QueueRecord): Asked {
  const count = input.optionalInteger('MaxNumberOfMessages') ?? 1;
  if (count < 1 || count > 10) {
    throw invalidParameter(
      `Value ${count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
    );
  }
  const waitSeconds =
    input.optionalInteger('WaitTimeSeconds') ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
  if (waitSeconds < 0 || waitSeconds > 20) {
    throw invalidParameter(
      `Value ${waitSeconds} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.`,
    );
  }
  const hiddenSeconds =
    input.optionalInteger('VisibilityTimeout') ?? numberOf(queue, 'VisibilityTimeout');
  if (hiddenSeconds < 0 || hiddenSeconds > 43_200) {
    throw invalidParameter(
      `Value ${hiddenSeconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.`,
    );
  }
  return {
    count,
    hiddenSeconds,
    waitSeconds,
    systemAttributes: [
      ...input.texts('AttributeNames'),
      ...input.texts('MessageSystemAttributeNames'),
    ],
    attributes: input.texts('MessageAttributeNames'),
  };
}

/** Takes what is visible. What was received too often goes to the dead-letter queue instead. */
function take(world: World, queue: QueueRecord, asked: Asked): Received[] {
  const { state } = world;
  const now = world.now();
  const changes: Change[] = [];
  const received: Received[] = [];
  const redrive = redriveOf(queue);
  for (const key of state.messages.keysUnder(messagesOf(queue))) {
    if (received.length === asked.count) break;
    const message = state.messages.get(key);
    if (!message || Date.parse(message.visibleAt) > now.getTime()) continue;
    if (isExpired(message, queue, now)) {
      changes.push(state.messages.remove(key));
      continue;
    }
    if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
      const moved = moveToDeadLetters(world, queue, message, redrive.deadLetterTargetArn);
      if (moved) {
        changes.push(state.messages.remove(key), moved);
        continue;
      }
    }
    const hidden = hide(message, now, asked.hiddenSeconds);
    changes.push(state.messages.put(key, hidden));
    received.push({ message: hidden, receipt: writeReceipt(key, hidden) });
  }
  state.commit(...changes);
  return received;
}

function hide(message: MessageRecord, now: Date, seconds: number): MessageRecord {
  return {
    ...message,
    visibleAt: new Date(now.getTime() + seconds * 1000).toISOString(),
    receiveCount: message.receiveCount + 1,
    firstReceivedAt: message.firstReceivedAt ?? now.toISOString(),
    receipt: randomUUID(),
  };
}

/** Null when there is no dead-letter queue any more: then the message stays where it is. */
function moveToDeadLetters(
  { state, now }: World,
  queue: QueueRecord,
  message: MessageRecord,
  targetArn: string,
): Change | null {
  const target = queueOfArn(targetArn, state);
  if (!target) return null;
  return state.messages.put(newMessageKey(target, now(), message.id), {
    ...message,
    visibleAt: now().toISOString(),
    receipt: null,
    deadLetterSource: queueArn(queue),
  });
}

/** Milliseconds until the next hidden message can be seen again. */
function untilNext({ state, now, clock }: World, queue: QueueRecord): number {
  // A clock that stands still rings when it is moved.
  if (clock.frozen) return Number.POSITIVE_INFINITY;
  const time = now().getTime();
  let next = Number.POSITIVE_INFINITY;
  for (const { visibleAt } of state.messages.under(messagesOf(queue))) {
    next = Math.min(next, Math.max(Date.parse(visibleAt) - time, 1));
  }
  return next;
}

function describeAll(received: readonly Received[], asked: Asked): JsonResult {
  if (received.length === 0) return {};
  return { Messages: received.map((one) => describe(one, asked)) };
}

function describe({ message, receipt }: Received, asked: Asked): JsonResult {
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => asked.systemAttributes.includes('All') || asked.systemAttributes.includes(name),
  );
  const chosen = chosenAttributes(message.attributes, asked.attributes);
  const md5 = attributesMd5(chosen);
  return {
    MessageId: message.id,
    ReceiptHandle: receipt,
    MD5OfBody: createHash('md5').update(message.body).digest('hex'),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(md5 !== null && {
      MD5OfMessageAttributes: md5,
      MessageAttributes: describeAttributes(chosen),
    }),
  };
}

function systemAttributes(message: MessageRecord): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(Date.parse(message.sentAt)),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(Date.parse(message.firstReceivedAt ?? '')),
    ...(message.traceHeader !== null && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSource !== null && {
      DeadLetterQueueSourceArn: message.deadLetterSource,
    }),
  };
}
