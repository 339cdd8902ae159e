import type { DeliveryTerms } from '@causeway/contract';
import { freeColumn } from './free-column.ts';
import type { FileKind, RunWork } from './journal.ts';

/**
 * How the files of a delivery are written. Where each record is a file, one JSON object and a line
 * end: that is JSON lines, whatever the file is called, and what its manifest says.
 */
export function writtenForm({
  filePerRecord,
  format,
  compression,
  csv,
}: Pick<DeliveryTerms, 'filePerRecord' | 'format' | 'compression' | 'csv'>) {
  return { format: filePerRecord ? 'jsonl' : format, compression, csv } as const;
}

/** What a file is named by: that of rows is what was asked for, whatever it is at heart. */
export function formOf(kind: FileKind, delivery: DeliveryTerms) {
  return kind === 'data' ? delivery : writtenForm(delivery);
}

/** The column that a source of records is given beside their own, to tell their positions; null: none is needed. */
export function positionColumn({ delivery, dataset }: RunWork): string | null {
  if (!delivery.filePerRecord) return null;
  return freeColumn(
    'position',
    dataset.schema.map(({ name }) => name),
  );
}
