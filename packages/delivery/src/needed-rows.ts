import type { Window } from '@causeway/contract';
import type { RunWork } from './journal.ts';
import type { NeededRows } from './run-deps.ts';

/** What a scan for recipients of one window needs of the source. */
export function neededRows({ dataset, delivery }: RunWork, window: Window | undefined): NeededRows {
  const { cursorColumn, customerColumn, deletedColumn, primaryKey } = dataset;
  const isWindowed = delivery.mode === 'incremental' && cursorColumn !== null && window;
  const looked = [
    ...(customerColumn === null ? [] : [customerColumn]),
    ...(isWindowed ? [cursorColumn] : []),
    ...(deletedColumn === null ? [] : [deletedColumn, ...primaryKey]),
    ...(delivery.lookbackSeconds === 0 ? [] : primaryKey),
    ...delivery.partitionBy,
    ...(delivery.filter?.conditions.map(({ column }) => column) ?? []),
  ];
  return {
    columns: delivery.columns === null ? null : [...new Set([...delivery.columns, ...looked])],
    window: isWindowed ? { cursorColumn, ...window } : null,
  };
}
