import { utimes } from 'node:fs/promises';
import type { Run } from '@causeway/contract';
import type { Order } from '../../testing/delivery-stage.ts';
import type { FaultStage } from './fault-stage.ts';
import type { Moment } from './one-life.ts';
import type { Shape } from './shapes.ts';

export interface KnownShape {
  readonly name: string;
  readonly order: Order;
  readonly window: Shape['window'];
  readonly follows: Shape['follows'];
  readonly pushes: Shape['pushes'];
  /** How many scenarios of a kind are tried by default. */
  readonly few: number;
  /** All at which a run of this shape may be stopped. */
  readonly moments: readonly Moment[];
}

export interface NewRun {
  readonly order: Order;
  readonly run: Run;
  /** Those that have delivered before. */
  readonly before: readonly Run[];
}

/** A run of this shape for names of its own. */
export async function newRunOf(
  stage: FaultStage,
  { order, window, follows, pushes }: Omit<KnownShape, 'name' | 'few' | 'moments'>,
): Promise<NewRun> {
  const own = await stage.again(order);
  if (pushes) await stage.call(`POST /v1/datasets/${own.dataset.id}/records`, pushes);
  if (!follows) return { order: own, run: await stage.startRun(own, window), before: [] };
  const first = await stage.startRun(own, follows.window);
  await stage.live(first).ended;
  const changedAt = new Date(Date.now() + 1000 * ++changes);
  await utimes(own.sourcePath, changedAt, changedAt);
  if (follows.forgets) {
    const customerId = own.receivers[0]?.customer.id;
    const path = `/v1/datasets/${own.dataset.id}/tombstones`;
    await stage.call(`POST ${path}`, { keys: follows.forgets, customerId });
  }
  const before = [await stage.getRun(first)];
  return { order: own, run: await stage.startRun(own), before };
}

/** Each makes another version of a source. */
let changes = 0;
