import { api } from './implementer.ts';

export function eventRoutes() {
  return {
    list: api.events.list.handler(({ input, context }) => context.store.events.list(input)),
  };
}
