import { type CreateDatasetDeps, createDataset } from '../create-dataset.ts';
import { api } from './implementer.ts';

export function datasetRoutes(deps: CreateDatasetDeps) {
  return {
    create: api.datasets.create.handler(async ({ input, context, signal }) =>
      context.store.datasets.insert(await createDataset(input, deps, signal)),
    ),
    list: api.datasets.list.handler(({ input, context }) => context.store.datasets.list(input)),
    get: api.datasets.get.handler(({ input, context }) => context.store.datasets.get(input.id)),
  };
}
