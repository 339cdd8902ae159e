import type { Store } from '@causeway/store';
import type { Log } from './log.ts';

const linkMs = 60_000;

/**
 * Links new events into the chain, now and every minute, and logs its head: a log that is kept
 * elsewhere then proves what the database alone cannot, that nobody has made the chain anew.
 */
export function linkEvents(deps: { readonly store: Pick<Store, 'eventChain'>; readonly log: Log }) {
  let isStopped = false;
  let round = linkAll(deps, () => isStopped);
  const timer = setInterval(() => {
    round = round.then(() => linkAll(deps, () => isStopped));
  }, linkMs);
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await round;
    },
  };
}

async function linkAll(
  { store, log }: Parameters<typeof linkEvents>[0],
  isOver: () => boolean,
): Promise<void> {
  try {
    for (let head = await store.eventChain.extend(); head; ) {
      log({ level: 'info', event: 'events:linked', ...head });
      head = isOver() ? null : await store.eventChain.extend();
    }
  } catch (error) {
    log({ level: 'error', event: 'events:not_linked', error });
  }
}
