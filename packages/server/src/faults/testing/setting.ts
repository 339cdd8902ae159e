import { writeFile } from 'node:fs/promises';
import type { Order } from '../../testing/delivery-stage.ts';
import type { Receiver } from '../../testing/receiver.ts';
import type { FaultStage } from './fault-stage.ts';
import { likeOthers, type Shape, shapes, smallFiles } from './shapes.ts';

/** Tells the test runner of a group of scenarios, for which all is prepared: it may begin with them at once. */
export type Scenarios = () => void;

/** What all groups of scenarios share: opening it takes longer than many of them. */
export interface Setting {
  readonly stage: FaultStage;
  /** Two customers whose roles may list uploads, and delete. */
  readonly receivers: readonly [Receiver, Receiver];
  readonly orders: readonly ShapedOrder[];
  readonly smallFiles: ShapedOrder;
  readonly likeOthers: readonly ShapedOrder[];
  /** After each scenario: what one that failed has left must not fail the next. */
  clear(): Promise<void>;
}

export interface ShapedOrder extends Shape {
  readonly order: Order;
}

export async function openSetting(stage: FaultStage): Promise<Setting> {
  const receivers = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
  for (const receiver of receivers) await stage.allowMore(receiver);
  const orderOf = async (shape: Shape): Promise<ShapedOrder> => {
    const order = await stage.order(receivers.slice(0, shape.customers), shape.change);
    return { ...shape, order: shape.pushes ? await withRecords(order, shape.pushes) : order };
  };
  const ordersOf = async (wanted: readonly Shape[]) => {
    const orders: ShapedOrder[] = [];
    for (const shape of wanted) orders.push(await orderOf(shape));
    return orders;
  };
  return {
    stage,
    receivers,
    orders: await ordersOf(shapes),
    smallFiles: await orderOf(smallFiles),
    likeOthers: await ordersOf(likeOthers),
    async clear() {
      await stage.removeFaults();
      await Promise.all(receivers.map((receiver) => receiver.abortUploads()));
    },
  };
}

/** What is pushed, as a file of its own beside that which other orders are of. */
async function withRecords(order: Order, records: readonly object[]): Promise<Order> {
  const sourcePath = order.sourcePath.replace('.parquet', '.jsonl');
  await writeFile(sourcePath, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return { ...order, sourcePath };
}
