import type { DueDeliveries, RecordPushes } from '@causeway/store';
import { type ChangeDatasetDeps, changeDataset, refreshDataset } from '../change-dataset.ts';
import { type CreateDatasetDeps, createDataset } from '../create-dataset.ts';
import { forgetKeys } from '../forget-keys.ts';
import { announcePushes } from '../push/announce-pushes.ts';
import { pushRecords } from '../push/push-records.ts';
import { datasetPasswordPlace } from '../sources/postgres/password-place.ts';
import { api } from './implementer.ts';

export interface DatasetRoutesDeps extends CreateDatasetDeps, ChangeDatasetDeps {
  readonly recordPushes: RecordPushes;
  readonly dueDeliveries: Pick<DueDeliveries, 'announceChange'>;
}

export function datasetRoutes(deps: DatasetRoutesDeps) {
  const announce = announcePushes((datasetId) => deps.dueDeliveries.announceChange(datasetId));
  return {
    create: api.datasets.create.handler(async ({ input, context, signal }) => {
      const { dataset, password } = await createDataset(input, deps, signal);
      const { id, source } = dataset;
      const place = source.type === 'postgres' ? datasetPasswordPlace(id, source) : null;
      const sealed = place && password && (await deps.secrets.seal(place, password));
      return context.store.together(async (store) => {
        if (sealed) await store.secrets.save(sealed);
        return store.datasets.insert(dataset);
      });
    }),
    list: api.datasets.list.handler(({ input, context }) => context.store.datasets.list(input)),
    get: api.datasets.get.handler(({ input, context }) => context.store.datasets.get(input.id)),
    update: api.datasets.update.handler(({ input, context, signal }) =>
      changeDataset(input, context.store, deps, signal),
    ),
    refresh: api.datasets.refresh.handler(({ input, context, signal }) =>
      refreshDataset(input.id, context.store, deps, signal),
    ),
    forget: api.datasets.forget.handler(({ input, context }) => forgetKeys(input, context.store)),
    push: api.datasets.push.handler(async ({ input: { params, body }, context }) => {
      const { apiKeyId, idempotencyKey } = context;
      const dataset = await deps.recordPushes.datasetOf(params.id);
      const bytes = new Uint8Array(await body.arrayBuffer());
      const records = { dataset, bytes, type: body.type, apiKeyId, idempotencyKey };
      const accepted = await pushRecords(records, deps.recordPushes);
      announce(params.id);
      return accepted;
    }),
  };
}
