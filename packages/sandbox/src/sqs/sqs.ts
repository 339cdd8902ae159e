import type { JsonOperation, JsonService } from '../json-protocol/json-operation.ts';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  listQueueTags,
  purgeQueue,
  setQueueAttributes,
  tagQueue,
  untagQueue,
} from './queues.ts';
import { receiveMessage } from './receive-message.ts';
import { sendMessage, sendMessageBatch } from './send-message.ts';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from './settle-message.ts';
import { missingParameter, sqsError } from './sqs-error.ts';
import { sqsForm } from './sqs-form.ts';

const operations: readonly JsonOperation[] = [
  createQueue,
  getQueueUrl,
  listQueues,
  getQueueAttributes,
  setQueueAttributes,
  deleteQueue,
  purgeQueue,
  listQueueTags,
  tagQueue,
  untagQueue,
  sendMessage,
  sendMessageBatch,
  receiveMessage,
  deleteMessage,
  deleteMessageBatch,
  changeMessageVisibility,
  changeMessageVisibilityBatch,
];

/** SQS with standard queues. Left out: FIFO queues, encryption by KMS, moving messages back, AddPermission. */
export const sqs: JsonService = {
  name: 'sqs',
  target: 'AmazonSQS',
  contentType: 'application/x-amz-json-1.0',
  form: sqsForm,
  operations: Object.fromEntries(operations.map((operation) => [operation.name, operation])),
  words: {
    missing: missingParameter,
    denied: (message) => sqsError('AccessDeniedException', 'AccessDenied', message, 403),
    // SQS writes the names of actions in lower case.
    action: (action) => action.toLowerCase(),
    deniedAcrossAccounts: () => null,
  },
};
