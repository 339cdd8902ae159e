import { z } from 'zod';
import { byId, operation } from './operation-parts.ts';

/** Of one request. */
export const mostKeysToForget = 10_000;

export const KeysToForget = z
  .strictObject({
    keys: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(mostKeysToForget)
      .describe('Primary keys: of each all columns, and no others'),
    customerId: byId.shape.id
      .nullable()
      .default(null)
      .describe(
        'To whom they are told; must be given where the dataset has a customer column. Null: to all who got the dataset',
      ),
  })
  .meta({ id: 'KeysToForget' });
export type KeysToForget = z.output<typeof KeysToForget>;

export const KeysForgotten = z
  .object({
    datasetId: z.string(),
    customerId: z.string().nullable(),
    keys: z.int().describe('How many there were, each counted once'),
    requestedAt: z.iso.datetime(),
  })
  .meta({ id: 'KeysForgotten' });
export type KeysForgotten = z.infer<typeof KeysForgotten>;

/** Keys that receivers are to forget, whatever their source still says. */
export const forgetKeysOperation = operation
  .route({
    method: 'POST',
    path: '/v1/datasets/{id}/tombstones',
    summary: 'Have keys forgotten',
    description:
      'The next run of each delivery of the dataset tells them, once, to each customer who got it before, in a file of tombstones. All keys of a request are kept, or none.',
    successStatus: 201,
    tags: ['Datasets'],
  })
  .meta({ creates: true, errors: ['not_found'] })
  .input(KeysToForget.extend(byId.shape))
  .output(KeysForgotten);
