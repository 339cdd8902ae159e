import type { Members } from '../json-protocol/members.ts';
import type { QueueRecord } from '../state/sqs-records.ts';
import type { World } from '../world.ts';
import { runBatch } from './batch.ts';
import { readReceipt } from './receipt.ts';
import { invalidParameter, missingParameter, sqsRefusal } from './sqs-error.ts';
import { queueOperation } from './sqs-operation.ts';

export const deleteMessage = queueOperation('DeleteMessage', ({ input, world }, queue) => {
  remove(input, queue, world);
  return null;
});

export const deleteMessageBatch = queueOperation('DeleteMessageBatch', (request, queue) =>
  runBatch(request, (entry) => {
    remove(entry, queue, request.world);
    return {};
  }),
);

export const changeMessageVisibility = queueOperation(
  'ChangeMessageVisibility',
  ({ input, world }, queue) => {
    hide(input, queue, world);
    return null;
  },
);

export const changeMessageVisibilityBatch = queueOperation(
  'ChangeMessageVisibilityBatch',
  (request, queue) =>
    runBatch(request, (entry) => {
      hide(entry, queue, request.world);
      return {};
    }),
);

/**
 * A receipt that is not the last one still answers with success, and the message
 * stays: somebody else is at work on it.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
 */
function remove(input: Members, queue: QueueRecord, { state }: World): void {
  const { messageKey, token } = readReceipt(input.text('ReceiptHandle'), queue);
  if (state.messages.get(messageKey)?.receipt !== token) return;
  state.commit(state.messages.remove(messageKey));
}

function hide(input: Members, queue: QueueRecord, { state, now }: World): void {
  const handle = input.text('ReceiptHandle');
  const seconds = input.optionalInteger('VisibilityTimeout');
  if (seconds === null) throw missingParameter('VisibilityTimeout');
  if (seconds < 0 || seconds > 43_200) {
    throw invalidParameter(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.`,
    );
  }
  const { messageKey, token } = readReceipt(handle, queue);
  const message = state.messages.get(messageKey);
  if (!message) {
    throw invalidParameter(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  const time = now().getTime();
  const isInFlight = message.receipt === token && Date.parse(message.visibleAt) > time;
  if (!isInFlight) {
    throw sqsRefusal('MessageNotInflight', 'The specified message is not in flight.');
  }
  const visibleAt = new Date(time + seconds * 1000).toISOString();
  state.commit(state.messages.put(messageKey, { ...message, visibleAt }));
}
