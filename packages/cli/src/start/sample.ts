import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { ConnectionBy, Customer } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { CustomerAdmin } from './customer-admin.ts';

/** A customer of the sample company, with its account in the sandbox. */
export interface SampleCustomer {
  readonly name: string;
  /** The airport whose departures this customer receives. */
  readonly reference: string;
  readonly accountId: string;
  readonly bucket: string;
}

export const sampleCustomers: readonly [SampleCustomer, SampleCustomer] = [
  { name: 'Acme', reference: 'ATL', accountId: '222222222222', bucket: 'acme-data' },
  { name: 'Globex', reference: 'ORD', accountId: '333333333333', bucket: 'globex-data' },
];

/** The customer column of the sample dataset. */
export const customerColumn = 'origin';

/**
 * 3 million real flights within the United States, 1999 to 2001: columns date,
 * delay, distance, origin, destination. From the npm package vega-datasets.
 */
export function flightsFile(): string {
  // The package exports its code only; its data lies beside it.
  const code = createRequire(import.meta.url).resolve('vega-datasets');
  return resolve(dirname(code), '../data/flights-3m.parquet');
}

export interface Connected {
  readonly sample: SampleCustomer;
  readonly customer: Customer;
  readonly connection: ConnectionBy<'role'>;
  readonly admin: CustomerAdmin;
}

/**
 * Creates a customer and its connection: the operator's part, before anybody touches
 * AWS. What an interrupted first start has made already is used.
 */
export async function createSample(
  client: Client,
  endpoint: string,
  sample: SampleCustomer,
): Promise<Connected> {
  const { name, reference, accountId, bucket } = sample;
  const customers = await client.customers.list({});
  const customer =
    customers.items.find((made) => made.reference === reference) ??
    (await client.customers.create({ name, reference }));
  const connections = await client.connections.list({ customerId: customer.id });
  const connection =
    connections.items[0] ??
    (await client.connections.create({
      customerId: customer.id,
      location: `s3://${bucket}/causeway/`,
      accountId,
    }));
  if (connection.access !== 'role')
    throw new Error(`The sample customer ${name} is connected by ${connection.access}`);
  return { sample, customer, connection, admin: new CustomerAdmin(endpoint, accountId) };
}
