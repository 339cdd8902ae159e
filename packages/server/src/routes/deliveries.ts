import { createDelivery } from '../create-delivery.ts';
import type { Sources } from '../sources/sources.ts';
import { startRun } from '../start-run.ts';
import { api } from './implementer.ts';

export function deliveryRoutes({ sources }: { readonly sources: Sources }) {
  return {
    create: api.deliveries.create.handler(async ({ input, context }) => {
      const dataset = await context.store.datasets.get(input.datasetId);
      return context.store.deliveries.insert(createDelivery(input, dataset));
    }),
    list: api.deliveries.list.handler(({ input, context }) => context.store.deliveries.list(input)),
    get: api.deliveries.get.handler(({ input, context }) => context.store.deliveries.get(input.id)),
    run: api.deliveries.run.handler(({ input, context }) =>
      startRun(input, { store: context.store, sources }),
    ),
  };
}
