import {
  type Connection,
  type ConnectionBy,
  type Customer,
  type Dataset,
  type Delivery,
  DeliveryTerms,
  healthOf,
  newId,
  plainWriteOptions,
  randomDigits,
  type Window,
  type WriteOptions,
} from '@causeway/contract';
import type { Records } from '../open-store.ts';

let serial = 0;

export function sampleCustomer(store: Records, reference = `R${serial++}`): Promise<Customer> {
  return store.customers.create({ name: `Customer ${reference}`, reference, properties: {} });
}

export function sampleConnection(
  customerId: string,
  change: Partial<ConnectionBy<'role'> & { readonly bucket: string }> = {},
): ConnectionBy<'role'> & { readonly bucket: string } {
  const roleName = `causeway-${randomDigits(10)}`;
  const createdAt = new Date().toISOString();
  const facts = {
    status: 'active' as const,
    accountId: '222222222222',
    accountConfirmed: true,
    lastCheck: null,
    ...change,
  };
  return {
    health: healthOf({ ...facts, since: createdAt, nextCheckAt: null }),
    id: newId('connection'),
    customerId,
    name: null,
    isDefault: false,
    owner: 'customer',
    accountConfirmed: true,
    access: 'role',
    capabilities: ['deliver'],
    overwrites: false,
    bucket: `bucket-${randomDigits(8)}`,
    prefix: 'causeway/',
    region: null,
    accountId: '222222222222',
    externalId: `cw-${randomDigits(26)}`,
    roleName,
    roleArn: `arn:aws:iam::222222222222:role/${roleName}`,
    existingRole: false,
    writeOptions: plainWriteOptions,
    status: 'active',
    lastCheck: null,
    createdAt,
    ...change,
  };
}

/** One by each access method, with all that it may have. */
export const sampleConnections: Readonly<
  Record<Connection['access'], (customerId: string) => Connection>
> = {
  role: (customerId) => sampleConnection(customerId, { name: 'Second', lastCheck: null }),
  web_identity: (customerId) => {
    const { externalId: _, ...role } = sampleConnection(customerId);
    const trust = { issuer: 'https://id.example.com', audience: 'sts.amazonaws.com' };
    const writeOptions: WriteOptions = {
      ...plainWriteOptions,
      storageClass: 'STANDARD_IA',
      tags: { a: 'b' },
    };
    return {
      ...role,
      access: 'web_identity',
      writeOptions,
      ...trust,
      subject: `connection:${randomDigits(26)}`,
    };
  },
  access_key: (customerId) => {
    const {
      externalId: _,
      roleName: _name,
      roleArn: _arn,
      existingRole: _old,
      ...own
    } = sampleConnection(customerId);
    const key = { id: 'ak_1', lastFour: 'WXYZ', addedAt: own.createdAt, current: true };
    const store = { endpoint: 'https://s3.example.com', userName: 'causeway-x' };
    return { ...own, access: 'access_key', accountId: null, ...store, accessKeys: [key] };
  },
  bucket_policy: (customerId) => ({ ...sampleManaged(customerId), access: 'bucket_policy' }),
  operator_role: (customerId) => {
    const managed = sampleManaged(customerId);
    const roleName = `${managed.bucket}-access`;
    const roleArn = `arn:aws:iam::111111111111:role/${roleName}`;
    return { ...managed, access: 'operator_role', roleName, roleArn, externalId: null };
  },
};

function sampleManaged(customerId: string) {
  const {
    externalId: _,
    roleName: _name,
    roleArn: _arn,
    existingRole: _old,
    writeOptions: _plain,
    ...own
  } = sampleConnection(customerId);
  return {
    ...own,
    owner: 'operator',
    prefix: '',
    accountId: '111111111111',
    resourceId: 'acme',
    customerAccountId: '222222222222',
    bucketArn: `arn:aws:s3:::${own.bucket}`,
    settings: { ownership: 'enforced', kmsKeyArn: null, versioning: false },
    receipts: true,
    provisionedAt: null,
    revokedAt: null,
  } as const;
}

export function sampleDataset(change: Partial<Dataset> = {}): Dataset {
  return {
    id: newId('dataset'),
    name: `flights-${randomDigits(8)}`,
    source: { type: 'file', path: 'flights.parquet' },
    customerColumn: 'origin',
    cursorColumn: null,
    primaryKey: ['id'],
    deletedColumn: null,
    schemaPolicy: 'evolve',
    schema: [{ name: 'origin', type: 'VARCHAR', nullable: false }],
    createdAt: new Date().toISOString(),
    ...change,
  };
}

export const sampleTerms: DeliveryTerms = DeliveryTerms.parse({
  mode: 'full',
  format: 'parquet',
  compression: 'zstd',
});

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
    customerRule: null,
    status: 'active',
    schedule: null,
    nextRunAt: null,
    startsAt: null,
    ...sampleTerms,
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
    terms: DeliveryTerms.parse(scene.delivery),
    now: new Date(),
    customerIds: scene.customers.map(({ id }) => id),
    planWindow: () => window,
  });
}
