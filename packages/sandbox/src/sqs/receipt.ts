import type { MessageRecord, QueueRecord } from '../state/sqs-records.ts';
import { messagesOf } from './queue-messages.ts';
import { sqsError } from './sqs-error.ts';

/** What one receiver was given: which message, and which time it was received. */
export interface Receipt {
  readonly messageKey: string;
  readonly token: string;
}

export function writeReceipt(messageKey: string, { receipt }: MessageRecord): string {
  return Buffer.from(`${messageKey} ${receipt}`).toString('base64');
}

/** @throws AwsError `ReceiptHandleIsInvalid` for what no message of this queue was given with. */
export function readReceipt(handle: string, queue: QueueRecord): Receipt {
  const [messageKey = '', token] = Buffer.from(handle, 'base64').toString().split(' ');
  if (token !== undefined && messageKey.startsWith(messagesOf(queue))) return { messageKey, token };
  throw sqsError(
    'ReceiptHandleIsInvalid',
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}
