import {
  type Connection,
  type Customer,
  type Dataset,
  type Delivery,
  newId,
  randomDigits,
  type Window,
} from '@causeway/contract';
import type { Records } from '../open-store.ts';

let serial = 0;

export function sampleCustomer(store: Records, reference = `R${serial++}`): Promise<Customer> {
  return store.customers.create({ name: `Customer ${reference}`, reference, properties: {} });
}

export function sampleConnection(customerId: string, change: Partial<Connection> = {}): Connection {
  const roleName = `causeway-${randomDigits(10)}`;
  return {
    id: newId('connection'),
    customerId,
    access: 'role',
    capabilities: ['deliver'],
    bucket: `bucket-${randomDigits(8)}`,
    prefix: 'causeway/',
    region: null,
    accountId: '222222222222',
    externalId: `cw-${randomDigits(26)}`,
    roleName,
    roleArn: `arn:aws:iam::222222222222:role/${roleName}`,
    status: 'active',
    lastCheck: null,
    createdAt: new Date().toISOString(),
    ...change,
  };
}

export function sampleDataset(change: Partial<Dataset> = {}): Dataset {
  return {
    id: newId('dataset'),
    name: `flights-${randomDigits(8)}`,
    source: { type: 'file', path: 'flights.parquet' },
    customerColumn: 'origin',
    cursorColumn: null,
    primaryKey: ['id'],
    schema: [{ name: 'origin', type: 'VARCHAR', nullable: false }],
    createdAt: new Date().toISOString(),
    ...change,
  };
}

export function sampleDelivery(
  datasetId: string,
  customerIds: string[],
  change: Partial<Delivery> = {},
): Delivery {
  return {
    id: newId('delivery'),
    name: 'Flights',
    datasetId,
    customerIds,
    mode: 'full',
    format: 'parquet',
    compression: 'zstd',
    createdAt: new Date().toISOString(),
    ...change,
  };
}

export const sampleWindow: Window = { from: null, to: '2024-01-01T00:00:00.000Z' };

export interface Scene {
  readonly customers: readonly Customer[];
  readonly connections: readonly Connection[];
  readonly delivery: Delivery;
}

/** A delivery to so many customers, each with an active connection. */
export async function sampleScene(store: Records, customerCount = 1): Promise<Scene> {
  const customers: Customer[] = [];
  const connections: Connection[] = [];
  for (let i = 0; i < customerCount; i++) {
    const customer = await sampleCustomer(store);
    customers.push(customer);
    connections.push(await store.connections.insert(sampleConnection(customer.id)));
  }
  const dataset = await store.datasets.insert(sampleDataset());
  const ids = customers.map(({ id }) => id);
  const delivery = await store.deliveries.insert(sampleDelivery(dataset.id, ids));
  return { customers, connections, delivery };
}

/** Makes a run of the scene's delivery, all customers with the same window. */
export function sampleRun(store: Records, scene: Scene, window: Window = sampleWindow) {
  return store.runs.create({
    deliveryId: scene.delivery.id,
    mode: 'full',
    now: new Date(),
    windows: scene.customers.map(({ id }) => ({ customerId: id, window })),
  });
}
