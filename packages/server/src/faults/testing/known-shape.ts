import type { Order } from '../../testing/delivery-stage.ts';
import type { FaultStage } from './fault-stage.ts';
import type { Moment } from './one-life.ts';

export interface KnownShape {
  readonly name: string;
  readonly order: Order;
  /** All at which a run of this shape may be stopped. */
  readonly moments: readonly Moment[];
}

/** A run of this shape for names of its own. */
export async function newRunOf(stage: FaultStage, { order }: KnownShape) {
  const own = await stage.again(order);
  return { order: own, run: await stage.startRun(own) };
}
