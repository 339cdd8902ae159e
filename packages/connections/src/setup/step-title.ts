import type { SetupStep } from '@causeway/contract';

/** A step as people read it. */
export function titleOf({ title, skipWhen }: SetupStep): string {
  return skipWhen === undefined ? title : `${title} (not needed when ${skipWhen})`;
}
