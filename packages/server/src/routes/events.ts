import type { ChainHead, EventChainQuery } from '@causeway/contract';
import type { Store } from '@causeway/store';
import { api } from './implementer.ts';

export function eventRoutes(store: Pick<Store, 'eventChain'>) {
  return {
    list: api.events.list.handler(({ input, context }) => context.store.events.list(input)),
    verify: api.events.verify.handler(({ input }) => store.eventChain.verify(keptHead(input))),
  };
}

function keptHead({ head }: EventChainQuery): ChainHead | undefined {
  const [number, hash] = head?.split(':') ?? [];
  return hash === undefined ? undefined : { number: Number(number), hash };
}
