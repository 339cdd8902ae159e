import { Dataset, DatasetUpdate } from './datasets.ts';
import { byId, operation } from './operation-parts.ts';

const tags = ['Datasets'];

const errors = [
  'not_found',
  'invalid_request',
  'source_not_allowed',
  'source_not_readable',
  'postgres_not_readable',
  'query_not_usable',
  'column_not_found',
  'cursor_not_usable',
] as const;

/** What becomes of datasets after they were made. */
export const datasetChangeOperations = {
  update: operation
    .route({
      method: 'PATCH',
      path: '/v1/datasets/{id}',
      summary: 'Change a dataset',
      description:
        'A password of PostgreSQL may be left out where server, user and TLS stay the same.',
      tags,
    })
    .meta({ errors: [...errors, 'schema_changed'] })
    .input(DatasetUpdate.extend(byId.shape))
    .output(Dataset),
  refresh: operation
    .route({
      method: 'POST',
      path: '/v1/datasets/{id}/refresh',
      summary: 'Accept the columns that the source has now',
      description:
        'Those that are gone or have another type as well. Deliveries that name one which is gone fail until they are changed.',
      tags,
    })
    .meta({ errors })
    .input(byId)
    .output(Dataset),
};
