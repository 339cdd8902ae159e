import { AwsError } from '../http/aws-error.ts';
import type { JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { Members } from '../json-protocol/members.ts';
import { queryCodeOf, sqsRefusal } from './sqs-error.ts';

const maxEntries = 10;

/**
 * Carries out each entry of a batch by itself: some may fail.
 *
 * @throws AwsError for a batch that is none.
 */
export function runBatch({ input }: JsonRequest, run: (entry: Members) => JsonResult): JsonResult {
  const entries = readEntries(input);
  const successful: JsonResult[] = [];
  const failed: JsonResult[] = [];
  for (const entry of entries) {
    const Id = entry.text('Id');
    try {
      successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { message } = error;
      failed.push({ Id, SenderFault: true, Code: queryCodeOf(error), Message: message });
    }
  }
  return { Successful: successful, ...(failed.length > 0 && { Failed: failed }) };
}

export function readEntries(input: Members): Members[] {
  const entries = input.list('Entries');
  if (entries.length === 0) {
    throw sqsRefusal('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > maxEntries) {
    throw sqsRefusal(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${maxEntries}. You have sent ${entries.length}.`,
    );
  }
  const ids = entries.map((entry) => entry.text('Id'));
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    throw sqsRefusal(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw sqsRefusal('BatchEntryIdsNotDistinct', `Id ${twice} repeated.`);
  return entries;
}
