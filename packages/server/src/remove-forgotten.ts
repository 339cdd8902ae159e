import type { Store } from '@causeway/store';
import { keepLooking, type Watch } from './keep-looking.ts';
import type { Log } from './log.ts';

const lookMs = 600_000;

/** Removes keys that all were told to forget and whose days are over, now and every ten minutes. */
export function removeForgotten({
  store,
  keptDays,
  log,
}: {
  readonly store: Pick<Store, 'forgottenRetention'>;
  readonly keptDays: number;
  readonly log: Log;
}): Watch {
  return keepLooking({
    take: () => store.forgottenRetention.removeNext(keptDays),
    act: async (removed) => log({ level: 'info', event: 'forgotten_keys:removed', ...removed }),
    onError: (error) => log({ level: 'error', event: 'forgotten_keys:not_removed', error }),
    lanes: 1,
    lookMs,
  });
}
