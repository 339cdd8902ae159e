import type { Window } from '@causeway/contract';
import type { OrderChange } from '../../testing/delivery-stage.ts';

/** A form of delivery that must survive every fault. A feature of deliveries joins the suite by a line here. */
export interface Shape {
  readonly name: string;
  readonly customers: 1 | 2;
  readonly change: OrderChange;
  /** Of a dataset of pushed records: those that are pushed before each run. */
  readonly pushes?: readonly object[];
  /** Of what is delivered; by default all that there is. */
  readonly window?: Window;
  /** A run has delivered before: of this window, or else of a source that has changed since. */
  readonly follows?: {
    readonly window?: Window;
    /** Keys that its first customer is to forget since. */
    readonly forgets?: readonly object[];
  };
}

export const shapes: readonly Shape[] = [
  { name: 'two customers of one Parquet file each', customers: 2, change: {} },
  {
    name: 'several files of JSON lines',
    customers: 1,
    change: {
      dataset: { customerColumn: null },
      delivery: { format: 'jsonl', targetFileBytes: 2 * 1024 ** 2 },
    },
  },
];

/** Of so few rows that each file is written by one request, from what the journal keeps of it. */
export const smallFiles: Shape = {
  name: 'two customers of one small file each',
  customers: 2,
  change: { dataset: { cursorColumn: 'date' }, delivery: { mode: 'incremental' } },
  window: { from: null, to: '2001-01-01T08:00:00Z' },
};

/** Those whose requests are those of others: they are stopped at every moment, and spared the rest. */
export const likeOthers: readonly Shape[] = [
  {
    name: 'tombstones of all rows and no file of any',
    customers: 1,
    change: {
      dataset: {
        customerColumn: null,
        primaryKey: ['origin', 'destination'],
        deletedColumn: 'date',
      },
    },
  },
  {
    name: 'files in place of those of the run before, and keys to be forgotten',
    customers: 1,
    change: { dataset: { primaryKey: ['destination'] }, delivery: { writeMode: 'overwrite' } },
    follows: { forgets: [{ destination: 'LAX' }, { destination: 'SEA' }] },
  },
  {
    name: 'rows that the run before has not sent, though its own are read again',
    customers: 1,
    change: {
      dataset: { cursorColumn: 'date', primaryKey: ['origin', 'date', 'destination'] },
      delivery: { mode: 'incremental', lookbackSeconds: 30 * 24 * 3600 },
    },
    follows: { window: { from: null, to: '2001-01-02T00:00:00Z' } },
  },
  {
    name: 'a file for each record, one of which is too large to be kept',
    customers: 1,
    change: {
      dataset: {
        customerColumn: null,
        source: {
          type: 'push',
          columns: [
            { name: 'id', type: 'BIGINT' },
            { name: 'text', type: 'VARCHAR' },
          ],
        },
      },
      delivery: { mode: 'incremental', format: 'json', filePerRecord: true },
    },
    pushes: ['one', 'two', 'three '.repeat(1000), 'four'].map((text, id) => ({ id, text })),
  },
];
