import { createHash } from 'node:crypto';
import {
  CausewayError,
  type Dataset,
  type PushColumn,
  pushLimits,
  type RecordIssue,
  type RecordsAccepted,
} from '@causeway/contract';
import type { RecordPushes } from '@causeway/store';
import { recordChecker } from './check-record.ts';
import { splitRecords } from './split-records.ts';

export interface RecordsToPush {
  readonly dataset: Dataset;
  readonly bytes: Uint8Array;
  /** One of `recordsTypes`. */
  readonly type: string;
  readonly apiKeyId: string | null;
  readonly idempotencyKey: string | null;
}

/** How many things that are wrong are told at once. */
const mostIssues = 20;

/**
 * Keeps records for a dataset: all, or none.
 *
 * @throws CausewayError `not_pushed`, `records_refused`, `too_many_records`,
 * `idempotency_key_reused`.
 */
export async function pushRecords(
  { dataset, bytes, type, apiKeyId, idempotencyKey }: RecordsToPush,
  pushes: RecordPushes,
): Promise<RecordsAccepted> {
  if (dataset.source.type !== 'push') {
    throw new CausewayError('not_pushed', { datasetId: dataset.id });
  }
  const { lines, records } = toLines(bytes, type, dataset.source.columns);
  const bodyHash = createHash('sha256').update(type).update(bytes).digest('hex');
  return pushes.push({ datasetId: dataset.id, lines, records, bodyHash, apiKeyId, idempotencyKey });
}

function toLines(bytes: Uint8Array, type: string, columns: readonly PushColumn[]) {
  const check = recordChecker(columns);
  const issues: RecordIssue[] = [];
  let lines = '';
  let records = 0;
  for (const text of splitRecords(bytes, type)) {
    if (records === pushLimits.records) {
      throw new CausewayError('too_many_records', { limit: pushLimits.records });
    }
    const checked = check(text);
    if ('line' in checked) lines += `${checked.line}\n`;
    else issues.push(...checked.issues.map((issue) => ({ index: records, ...issue })));
    if (issues.length >= mostIssues) break;
    records++;
  }
  if (issues.length > 0) {
    throw new CausewayError('records_refused', { issues: issues.slice(0, mostIssues) });
  }
  if (records === 0) {
    const message = 'there are no records in the body';
    throw new CausewayError('invalid_request', { issues: [{ path: '', message }] });
  }
  return { lines: Buffer.from(lines), records };
}
