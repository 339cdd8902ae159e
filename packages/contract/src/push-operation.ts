import { operation } from './operation-parts.ts';
import { RecordsAccepted, RecordsPush } from './pushed-records.ts';

/** Of the datasets whose rows are pushed. */
export const pushOperation = operation
  .route({
    method: 'POST',
    path: '/v1/datasets/{id}/records',
    summary: 'Push records',
    description:
      'All records of a request are kept, or none. Once it is answered they are on disk, and each will be delivered once. A repetition under the same Idempotency-Key keeps nothing more, as long as its records are kept.',
    inputStructure: 'detailed',
    successStatus: 201,
    tags: ['Datasets'],
  })
  .meta({
    creates: 'by_itself',
    takes: 'application/x-ndjson',
    errors: ['not_found', 'not_pushed', 'records_refused', 'too_many_records'],
  })
  .input(RecordsPush)
  .output(RecordsAccepted);
