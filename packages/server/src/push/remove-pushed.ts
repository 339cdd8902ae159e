import type { Store } from '@causeway/store';
import { keepLooking, type Watch } from '../keep-looking.ts';
import type { Log } from '../log.ts';

const lookMs = 60_000;

/** Removes pushed records whose time is over, now and every minute. */
export function removePushed({
  store,
  log,
}: {
  readonly store: Pick<Store, 'pushRetention'>;
  readonly log: Log;
}): Watch {
  return keepLooking({
    take: () => store.pushRetention.removeNext(),
    act: async (removed) => log({ level: 'info', event: 'push:removed', ...removed }),
    onError: (error) => log({ level: 'error', event: 'push:not_removed', error }),
    lanes: 1,
    lookMs,
  });
}
