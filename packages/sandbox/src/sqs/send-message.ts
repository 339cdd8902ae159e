import { createHash } from 'node:crypto';
import type { JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { Members } from '../json-protocol/members.ts';
import type { QueueRecord } from '../state/sqs-records.ts';
import { readEntries, runBatch } from './batch.ts';
import { attributeBytes, attributesMd5, readMessageAttributes } from './message-attributes.ts';
import { numberOf } from './queue-attributes.ts';
import { addMessage, type NewMessage } from './queue-messages.ts';
import { invalidParameter, missingParameter, sqsError, sqsRefusal } from './sqs-error.ts';
import { queueOperation } from './sqs-operation.ts';

const maxBatchBytes = 1_048_576;

export const sendMessage = queueOperation('SendMessage', (request, queue) =>
  send(request, queue, request.input),
);

export const sendMessageBatch = queueOperation('SendMessageBatch', (request, queue) => {
  const bytes = readEntries(request.input).reduce(
    (sum, entry) => sum + Buffer.byteLength(entry.optionalText('MessageBody') ?? ''),
    0,
  );
  if (bytes > maxBatchBytes) {
    throw sqsRefusal(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${maxBatchBytes} bytes. You have sent ${bytes} bytes.`,
    );
  }
  return runBatch(request, (entry) => send(request, queue, entry));
});

function send({ caller, world }: JsonRequest, queue: QueueRecord, input: Members): JsonResult {
  const message = readMessage(queue, input, caller.userId);
  const { id, change } = addMessage(queue, message, world);
  world.state.commit(change);
  const attributes = attributesMd5(message.attributes);
  return {
    MessageId: id,
    MD5OfMessageBody: createHash('md5').update(message.body).digest('hex'),
    ...(attributes !== null && { MD5OfMessageAttributes: attributes }),
  };
}

function readMessage(queue: QueueRecord, input: Members, senderId: string): NewMessage {
  const body = input.optionalText('MessageBody') ?? '';
  if (body === '') throw missingParameter('MessageBody');
  checkCharacters(body);
  const attributes = readMessageAttributes(input);
  const limit = numberOf(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) + attributeBytes(attributes) > limit) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  return {
    body,
    attributes,
    senderId,
    traceHeader: readTraceHeader(input),
    delaySeconds: readDelay(input),
  };
}

function readDelay(input: Members): number | null {
  const seconds = input.optionalInteger('DelaySeconds');
  if (seconds === null || (seconds >= 0 && seconds <= 900)) return seconds;
  throw invalidParameter(
    `Value ${seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
  );
}

function readTraceHeader(input: Members): string | null {
  return input.memberMap('MessageSystemAttributes')['AWSTraceHeader']?.text('StringValue') ?? null;
}

/** SQS takes what XML can hold. */
function checkCharacters(body: string): void {
  const [found] = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(body) ?? [];
  if (found === undefined) return;
  throw sqsError(
    'InvalidMessageContents',
    'InvalidMessageContents',
    `Invalid binary character '#x${found.charCodeAt(0).toString(16).toUpperCase()}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`,
  );
}
