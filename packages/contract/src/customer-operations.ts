import { CustomerImport, CustomerImportRequest } from './customer-import.ts';
import { Customer, CustomerCreate, CustomerUpdate } from './customers.ts';
import { byId, operation, PageQuery, page } from './operation-parts.ts';

const tags = ['Customers'];

/** The companies that data is exchanged with. */
export const customerOperations = {
  create: operation
    .route({
      method: 'POST',
      path: '/v1/customers',
      summary: 'Create a customer',
      successStatus: 201,
      tags,
    })
    .meta({ creates: true, errors: ['conflict', 'property_not_usable'] })
    .input(CustomerCreate)
    .output(Customer),
  list: operation
    .route({ method: 'GET', path: '/v1/customers', summary: 'List customers', tags })
    .input(PageQuery.prefault({}))
    .output(page('Customer', Customer)),
  get: operation
    .route({ method: 'GET', path: '/v1/customers/{id}', summary: 'Get a customer', tags })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(Customer),
  update: operation
    .route({
      method: 'PATCH',
      path: '/v1/customers/{id}',
      summary: 'Change a customer',
      description:
        'What is left out stays. A property that is null is taken away. Connections that exist stay as they are: properties fill in new ones only.',
      tags,
    })
    .meta({ errors: ['not_found', 'conflict', 'property_not_usable'] })
    .input(CustomerUpdate.extend(byId.shape))
    .output(Customer),
  import: operation
    .route({
      method: 'POST',
      path: '/v1/customers/import',
      summary: 'Create and change many customers',
      description:
        'Takes a CSV file (RFC 4180, UTF-8) with a line for each customer. A reference that exists means that customer. A line that is refused changes nothing and stops no other; the same file once more changes nothing.',
      inputStructure: 'detailed',
      tags,
    })
    .meta({ takes: 'text/csv', errors: ['csv_not_readable', 'too_many_lines'] })
    .input(CustomerImportRequest)
    .output(CustomerImport),
};
