import type { OrderChange } from '../../testing/delivery-stage.ts';

/** A form of delivery that must survive every fault. A feature of deliveries joins the suite by a line here. */
export interface Shape {
  readonly name: string;
  readonly customers: 1 | 2;
  readonly change: OrderChange;
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
