import { Delivery } from './deliveries.ts';
import { DeliveryUpdate } from './delivery-update.ts';
import { byId, operation } from './operation-parts.ts';
import { Run } from './runs.ts';

const tags = ['Deliveries'];

/** What becomes of deliveries after they were made. */
export const deliveryChangeOperations = {
  update: operation
    .route({
      method: 'PATCH',
      path: '/v1/deliveries/{id}',
      summary: 'Change a delivery',
      description: 'From its next run on. A new schedule counts from now.',
      tags,
    })
    .meta({ errors: ['not_found', 'invalid_request', 'delivery_not_active'] })
    .input(DeliveryUpdate.extend(byId.shape))
    .output(Delivery),
  pause: operation
    .route({
      method: 'POST',
      path: '/v1/deliveries/{id}/pause',
      summary: 'Begin no runs of a delivery',
      description:
        'Neither by itself nor by request, nor to do again what failed. Runs that are under way go on.',
      tags,
    })
    .meta({ errors: ['not_found', 'delivery_not_active'] })
    .input(byId)
    .output(Delivery),
  resume: operation
    .route({
      method: 'POST',
      path: '/v1/deliveries/{id}/resume',
      summary: 'Begin runs of a delivery again',
      description:
        'Its schedule counts from now; what was missed is in the window of the next run.',
      tags,
    })
    .meta({ errors: ['not_found', 'delivery_not_active'] })
    .input(byId)
    .output(Delivery),
  delete: operation
    .route({
      method: 'DELETE',
      path: '/v1/deliveries/{id}',
      summary: 'End a delivery for good',
      description:
        'It is archived: no run begins any more, those that have not ended are cancelled, and what was delivered stays known.',
      tags,
    })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(Delivery),
};

/** What becomes of runs after they were made. */
export const runChangeOperations = {
  cancel: operation
    .route({
      method: 'POST',
      path: '/v1/runs/{id}/cancel',
      summary: 'End a run',
      description:
        'Within seconds. What is uploaded and not yet visible is taken away; a customer whose delivery begins to be visible is served.',
      tags: ['Runs'],
    })
    .meta({ errors: ['not_found', 'run_ended'] })
    .input(byId)
    .output(Run),
  retry: operation
    .route({
      method: 'POST',
      path: '/v1/runs/{id}/retry',
      summary: 'Do again what failed of a run',
      description:
        'By another run, for the same windows and only for customers that were not served, also since. A full delivery sends its source as it is now.',
      successStatus: 202,
      tags: ['Runs'],
    })
    .meta({
      creates: true,
      errors: [
        'not_found',
        'nothing_to_retry',
        'run_in_progress',
        'delivery_not_active',
        'source_not_allowed',
        'source_not_readable',
      ],
    })
    .input(byId)
    .output(Run),
};
