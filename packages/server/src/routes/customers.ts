import { checkProperties, type Operator } from '@causeway/connections';
import type { CustomerUpdate } from '@causeway/contract';
import { importCustomers } from '../customer-import/import-customers.ts';
import { api } from './implementer.ts';

export function customerRoutes(operator: Operator) {
  const check = (properties: CustomerUpdate['properties'] = {}) =>
    checkProperties(properties, operator);
  return {
    create: api.customers.create.handler(({ input, context }) => {
      check(input.properties);
      return context.store.customers.create(input);
    }),
    list: api.customers.list.handler(({ input, context }) => context.store.customers.list(input)),
    get: api.customers.get.handler(({ input, context }) => context.store.customers.get(input.id)),
    update: api.customers.update.handler(async ({ input: { id, ...change }, context }) => {
      check(change.properties);
      return (await context.store.customers.update(id, () => change)).customer;
    }),
    import: api.customers.import.handler(async ({ input: { query, body }, context }) =>
      importCustomers(
        { bytes: new Uint8Array(await body.arrayBuffer()), dryRun: query.dryRun },
        { customers: context.store.customers, checkProperties: check },
      ),
    ),
  };
}
