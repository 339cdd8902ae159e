import {
  CausewayError,
  CsvForm,
  type Dataset,
  type Delivery,
  type DeliveryCreate,
  newId,
} from '@causeway/contract';
import { tombstoneIssues } from './deletion-issues.ts';
import { fileFormIssues } from './file-form-issues.ts';
import { lookbackIssues } from './lookback-issues.ts';
import { pushIssues } from './push/push-issues.ts';
import { rowSelectionIssues } from './row-selection-issues.ts';
import { firstDue } from './schedule/due-times.ts';
import { audienceIssues, scheduleIssues } from './schedule/schedule-issues.ts';
import { writeModeIssues } from './write-mode-issues.ts';

/**
 * Makes a delivery of a dataset; where its windows begin is added by `historyStart`.
 *
 * @throws CausewayError `invalid_request` for a combination that no run could carry out.
 */
export function createDelivery(
  input: Omit<DeliveryCreate, 'history'>,
  dataset: Dataset,
  now: Date = new Date(),
  id: string = newId('delivery', now.getTime()),
): Delivery {
  const compression = input.compression ?? (input.format === 'parquet' ? 'zstd' : 'none');
  const issues = [
    ...fileFormIssues(input, dataset.schema),
    ...rowSelectionIssues(input, dataset.schema),
    ...tombstoneIssues(input, dataset),
    ...lookbackIssues(input, dataset),
    ...writeModeIssues(input),
    ...audienceIssues(input),
    ...scheduleIssues(input),
    ...pushIssues(input, dataset),
  ];
  if (
    input.mode === 'incremental' &&
    dataset.cursorColumn === null &&
    dataset.source.type !== 'push'
  ) {
    const message = `cannot be "incremental", since dataset "${dataset.name}" has no cursor column`;
    issues.push({ path: 'mode', message });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
  const { name, datasetId, mode, format } = input;
  return {
    id,
    name,
    datasetId,
    customerIds: input.customerIds ?? [],
    customerRule: input.customerRule ?? null,
    status: 'active',
    schedule: input.schedule,
    nextRunAt: (input.schedule && firstDue(input.schedule, id, now)?.toISOString()) ?? null,
    startsAt: null,
    mode,
    lookbackSeconds: input.lookbackSeconds,
    writeMode: input.writeMode,
    format,
    compression,
    csv: format === 'csv' ? CsvForm.parse(input.csv ?? {}) : null,
    targetFileBytes: input.targetFileBytes,
    filePerRecord: input.filePerRecord,
    keyTemplate: input.keyTemplate,
    partitionBy: input.partitionBy,
    filter: input.filter,
    columns: input.columns,
    createdAt: now.toISOString(),
  };
}
