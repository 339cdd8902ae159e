import type { Dataset, DeliveryCreate } from '@causeway/contract';
import type { InputIssue } from '../input-issues.ts';

type Terms = Pick<DeliveryCreate, 'schedule' | 'mode' | 'format' | 'filePerRecord'>;

/** What goes together with pushed records alone, by path. */
export function pushIssues(terms: Terms, dataset: Dataset): InputIssue[] {
  return [...batchIssues(terms, dataset), ...filePerRecordIssues(terms, dataset)];
}

function batchIssues({ schedule, mode }: Terms, { name, source }: Dataset): InputIssue[] {
  if (schedule?.type !== 'batch') return [];
  const path = 'schedule.type';
  if (source.type !== 'push') {
    return [{ path, message: `cannot be "batch", since nothing is pushed to dataset "${name}"` }];
  }
  if (mode === 'incremental') return [];
  return [{ path, message: 'cannot be "batch" unless "mode" is "incremental"' }];
}

/** With any other schedule what a run has to leave to the next would wait for its time. */
function filePerRecordIssues(
  { filePerRecord, schedule, mode, format }: Terms,
  { name, source }: Dataset,
): InputIssue[] {
  if (!filePerRecord) return [];
  const wrong = [
    source.type !== 'push' && `since nothing is pushed to dataset "${name}"`,
    mode !== 'incremental' && 'unless "mode" is "incremental"',
    format !== 'json' && format !== 'jsonl' && 'unless "format" is "json" or "jsonl"',
    schedule !== null &&
      schedule.type !== 'batch' &&
      `with a schedule of type "${schedule.type}", but "batch" or none`,
  ].filter((reason) => reason !== false);
  return wrong.map((reason) => ({ path: 'filePerRecord', message: `cannot be true ${reason}` }));
}
