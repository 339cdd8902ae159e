import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { CheckReport } from './checks.ts';
import { Connection, ConnectionCreate, SetupGuide } from './connections.ts';
import { Customer, CustomerCreate } from './customers.ts';
import { Dataset, DatasetCreate } from './datasets.ts';
import { Delivery, DeliveryCreate } from './deliveries.ts';
import { Run, RunCreate, RunProgress } from './runs.ts';

/** The query of every list: newest first, by cursor. */
const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(200).optional().describe('"nextCursor" of the page before'),
});
export type PageQuery = z.output<typeof PageQuery>;

const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

const byId = z.object({ id: z.string().max(100) });

/**
 * Every operation of the HTTP API, as data: the server implements it, the SDK
 * calls it, OpenAPI is printed from it.
 */
export const operations = {
  customers: {
    create: oc
      .route({
        method: 'POST',
        path: '/v1/customers',
        summary: 'Create a customer',
        successStatus: 201,
        tags: ['Customers'],
      })
      .input(CustomerCreate)
      .output(Customer),
    list: oc
      .route({
        method: 'GET',
        path: '/v1/customers',
        summary: 'List customers',
        tags: ['Customers'],
      })
      .input(PageQuery)
      .output(page(Customer)),
    get: oc
      .route({
        method: 'GET',
        path: '/v1/customers/{id}',
        summary: 'Get a customer',
        tags: ['Customers'],
      })
      .input(byId)
      .output(Customer),
  },
  connections: {
    create: oc
      .route({
        method: 'POST',
        path: '/v1/connections',
        summary: "Connect a customer's bucket",
        description: 'Fixes the external ID and the role name; both never change.',
        successStatus: 201,
        tags: ['Connections'],
      })
      .input(ConnectionCreate)
      .output(Connection),
    list: oc
      .route({
        method: 'GET',
        path: '/v1/connections',
        summary: 'List connections',
        tags: ['Connections'],
      })
      .input(PageQuery.extend({ customerId: z.string().optional() }))
      .output(page(Connection)),
    get: oc
      .route({
        method: 'GET',
        path: '/v1/connections/{id}',
        summary: 'Get a connection',
        tags: ['Connections'],
      })
      .input(byId)
      .output(Connection),
    setupGuide: oc
      .route({
        method: 'GET',
        path: '/v1/connections/{id}/setup-guide',
        summary: "What the customer's administrator must create",
        tags: ['Connections'],
      })
      .input(byId)
      .output(SetupGuide),
    check: oc
      .route({
        method: 'POST',
        path: '/v1/connections/{id}/check',
        summary: 'Prove that a connection works and is safe',
        description:
          'A fault in the setup is a result and not an error: see each step of the report.',
        tags: ['Connections'],
      })
      .input(
        byId.extend({
          waitSeconds: z
            .number()
            .min(0)
            .max(90)
            .default(0)
            .describe(
              'How long a new role is given to spread through AWS before it counts as failed',
            ),
        }),
      )
      .output(CheckReport),
  },
  datasets: {
    create: oc
      .route({
        method: 'POST',
        path: '/v1/datasets',
        summary: 'Create a dataset',
        successStatus: 201,
        tags: ['Datasets'],
      })
      .input(DatasetCreate)
      .output(Dataset),
    list: oc
      .route({ method: 'GET', path: '/v1/datasets', summary: 'List datasets', tags: ['Datasets'] })
      .input(PageQuery)
      .output(page(Dataset)),
    get: oc
      .route({
        method: 'GET',
        path: '/v1/datasets/{id}',
        summary: 'Get a dataset',
        tags: ['Datasets'],
      })
      .input(byId)
      .output(Dataset),
  },
  deliveries: {
    create: oc
      .route({
        method: 'POST',
        path: '/v1/deliveries',
        summary: 'Create a delivery',
        successStatus: 201,
        tags: ['Deliveries'],
      })
      .input(DeliveryCreate)
      .output(Delivery),
    list: oc
      .route({
        method: 'GET',
        path: '/v1/deliveries',
        summary: 'List deliveries',
        tags: ['Deliveries'],
      })
      .input(PageQuery)
      .output(page(Delivery)),
    get: oc
      .route({
        method: 'GET',
        path: '/v1/deliveries/{id}',
        summary: 'Get a delivery',
        tags: ['Deliveries'],
      })
      .input(byId)
      .output(Delivery),
    run: oc
      .route({
        method: 'POST',
        path: '/v1/deliveries/{id}/runs',
        summary: 'Run a delivery now',
        description: 'A window that was delivered before is not delivered again.',
        successStatus: 202,
        tags: ['Deliveries'],
      })
      .input(byId.extend(RunCreate.shape))
      .output(Run),
  },
  runs: {
    list: oc
      .route({ method: 'GET', path: '/v1/runs', summary: 'List runs', tags: ['Runs'] })
      .input(PageQuery.extend({ deliveryId: z.string().optional() }))
      .output(page(Run)),
    get: oc
      .route({ method: 'GET', path: '/v1/runs/{id}', summary: 'Get a run', tags: ['Runs'] })
      .input(byId)
      .output(Run),
    progress: oc
      .route({
        method: 'GET',
        path: '/v1/runs/{id}/progress',
        summary: 'Follow a run',
        description: 'Server-sent events until the run has ended.',
        tags: ['Runs'],
      })
      .input(byId)
      .output(eventIterator(RunProgress)),
  },
};
export type Operations = typeof operations;
