import { api } from './implementer.ts';

export function customerRoutes() {
  return {
    create: api.customers.create.handler(({ input, context }) =>
      context.store.customers.create(input),
    ),
    list: api.customers.list.handler(({ input, context }) => context.store.customers.list(input)),
    get: api.customers.get.handler(({ input, context }) => context.store.customers.get(input.id)),
  };
}
