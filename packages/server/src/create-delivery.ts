import {
  CausewayError,
  CsvForm,
  type Dataset,
  type Delivery,
  type DeliveryCreate,
  newId,
} from '@causeway/contract';
import { fileFormIssues } from './file-form-issues.ts';
import { rowSelectionIssues } from './row-selection-issues.ts';

/**
 * Makes a delivery of a dataset.
 *
 * @throws CausewayError `invalid_request` for a combination that no run could carry out.
 */
export function createDelivery(
  input: DeliveryCreate,
  dataset: Dataset,
  now: Date = new Date(),
): Delivery {
  const compression = input.compression ?? (input.format === 'parquet' ? 'zstd' : 'none');
  const issues = [
    ...fileFormIssues(input, dataset.schema),
    ...rowSelectionIssues(input, dataset.schema),
  ];
  if (input.mode === 'incremental' && dataset.cursorColumn === null) {
    const message = `cannot be "incremental", since dataset "${dataset.name}" has no cursor column`;
    issues.push({ path: 'mode', message });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
  const { name, datasetId, customerIds, mode, format } = input;
  const id = newId('delivery', now.getTime());
  return {
    id,
    name,
    datasetId,
    customerIds,
    mode,
    format,
    compression,
    csv: format === 'csv' ? CsvForm.parse(input.csv ?? {}) : null,
    targetFileBytes: input.targetFileBytes,
    keyTemplate: input.keyTemplate,
    partitionBy: input.partitionBy,
    filter: input.filter,
    columns: input.columns,
    createdAt: now.toISOString(),
  };
}
