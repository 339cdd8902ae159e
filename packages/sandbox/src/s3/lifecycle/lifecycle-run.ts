import type { BucketLifecycle } from '../../state/lifecycle-records.ts';
import type { BucketRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';

/** One bucket at one time. */
export interface LifecycleRun {
  readonly world: World;
  readonly bucket: BucketRecord;
  readonly lifecycle: BucketLifecycle;
  readonly now: Date;
}

/** Rules are carried out from when they were set on: the later of the two times, if it has come. */
export function dueBy({ lifecycle, now }: LifecycleRun, due: number): Date | null {
  const at = Math.max(due, Date.parse(lifecycle.since));
  return at <= now.getTime() ? new Date(at) : null;
}
