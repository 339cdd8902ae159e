import type { Store } from '@causeway/store';
import { keepLooking, type Watch } from './keep-looking.ts';
import type { Log } from './log.ts';

const linkMs = 60_000;

/**
 * Links new events into the chain, now and every minute, and logs its head: a log that is kept
 * elsewhere then proves what the database alone cannot, that nobody has made the chain anew.
 */
export function linkEvents({
  store,
  log,
}: {
  readonly store: Pick<Store, 'eventChain'>;
  readonly log: Log;
}): Watch {
  return keepLooking({
    take: () => store.eventChain.extend(),
    act: async (head) => log({ level: 'info', event: 'events:linked', ...head }),
    onError: (error) => log({ level: 'error', event: 'events:not_linked', error }),
    lanes: 1,
    lookMs: linkMs,
  });
}
