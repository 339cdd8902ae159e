import type { Delivery } from '@causeway/contract';
import {
  archiveDelivery,
  changeDelivery,
  pauseDelivery,
  resumeDelivery,
} from '../change-delivery.ts';
import { createDelivery } from '../create-delivery.ts';
import { historyStart } from '../history-start.ts';
import { requireToldChanges } from '../schedule/require-told-changes.ts';
import type { Sources } from '../sources/source-kind.ts';
import { startRun } from '../start-run.ts';
import { api } from './implementer.ts';

export function deliveryRoutes({ sources }: { readonly sources: Sources }) {
  return {
    create: api.deliveries.create.handler(async ({ input, context }) => {
      const dataset = await context.store.datasets.get(input.datasetId);
      const delivery = createDelivery(input, dataset);
      await requireToldChanges(delivery.schedule, dataset, sources);
      const startsAt = await historyStart(input, dataset, context.store);
      return context.store.deliveries.insert({ ...delivery, startsAt });
    }),
    list: api.deliveries.list.handler(({ input, context }) => context.store.deliveries.list(input)),
    get: api.deliveries.get.handler(({ input, context }) => context.store.deliveries.get(input.id)),
    update: api.deliveries.update.handler(async ({ input, context: { store } }) => {
      const { id, ...change } = input;
      const { datasetId, mode } = await store.deliveries.get(id);
      const dataset = await store.datasets.get(datasetId);
      await requireToldChanges(change.schedule ?? null, dataset, sources);
      const { history } = change;
      const start = history && {
        startsAt: await historyStart({ mode: change.mode ?? mode, history }, dataset, store),
      };
      const changed = (current: Delivery) => ({
        ...changeDelivery(current, change, dataset),
        ...start,
      });
      return store.deliveries.update(id, changed);
    }),
    pause: api.deliveries.pause.handler(({ input, context }) =>
      context.store.deliveries.update(input.id, pauseDelivery),
    ),
    resume: api.deliveries.resume.handler(({ input, context }) =>
      context.store.deliveries.update(input.id, (current) => resumeDelivery(current)),
    ),
    delete: api.deliveries.delete.handler(({ input, context }) =>
      context.store.together(async ({ deliveries, runs }) => {
        const archived = await deliveries.update(input.id, archiveDelivery);
        await runs.cancelAll(input.id);
        return archived;
      }),
    ),
    run: api.deliveries.run.handler(({ input, context }) =>
      startRun(input, { store: context.store, sources }),
    ),
  };
}
