import {
  type CheckReport,
  type Connection,
  type Customer,
  type Delivery,
  DeliveryTerms,
  healthOf,
  type Run,
} from '@causeway/contract';
import type { Overview } from '../overview.ts';

const createdAt = '2026-01-02T03:04:05.678Z';
const customer: Customer = {
  id: 'cus_1',
  name: 'Acme',
  reference: 'ACM',
  properties: {},
  createdAt,
};

const lastCheck: CheckReport = {
  connectionId: 'conn_1',
  outcome: 'insecure',
  checkedAt: createdAt,
  durationMs: 1234,
  steps: [
    {
      id: 'role.assume',
      title: 'Assume the role',
      verdict: 'passed',
      message: 'It can',
      durationMs: 12,
    },
    {
      id: 'role.external_id_missing',
      title: 'Refused without the external ID',
      verdict: 'failed',
      message: 'AWS let us in',
      fix: { document: 'trustPolicy', text: 'Add the condition on sts:ExternalId' },
      durationMs: 34,
    },
  ],
};

const connection: Connection = {
  id: 'conn_1',
  customerId: 'cus_1',
  name: null,
  isDefault: true,
  owner: 'customer',
  accountConfirmed: true,
  access: 'role',
  capabilities: ['deliver'],
  overwrites: false,
  bucket: 'acme-data',
  prefix: 'causeway/',
  region: 'eu-west-1',
  accountId: '222222222222',
  externalId: 'cw-1',
  roleName: 'causeway-1',
  roleArn: 'arn:aws:iam::222222222222:role/causeway-1',
  existingRole: false,
  status: 'insecure',
  lastCheck,
  health: healthOf({
    status: 'insecure',
    accountId: '222222222222',
    accountConfirmed: true,
    lastCheck,
    since: createdAt,
    nextCheckAt: '2026-01-02T04:00:00.000Z',
  }),
  createdAt,
};

const run: Run = {
  id: 'run_1',
  deliveryId: 'dlv_1',
  state: 'partial',
  mode: 'full',
  attempt: 2,
  leftOut: ['cus_3'],
  retryOf: 'run_0',
  cancelRequest: { at: '2026-01-02T03:04:06.000Z', by: { type: 'api_key', id: 'key_1' } },
  createdAt,
  startedAt: createdAt,
  completedAt: '2026-01-02T03:04:08.178Z',
  recipients: [
    {
      customerId: 'cus_1',
      connectionId: 'conn_1',
      state: 'delivered',
      window: { from: null, to: createdAt },
      rows: 1234567,
      bytes: 20_400_000,
      files: 2,
      sequence: 3,
      manifestKey: 'causeway/_manifests/flights/dt=2026-01-02/manifest_run_1.json',
      deliveredByRunId: null,
      phases: {
        preparingAt: createdAt,
        preparedAt: '2026-01-02T03:04:07.678Z',
        committingAt: '2026-01-02T03:04:07.700Z',
        endedAt: '2026-01-02T03:04:08.000Z',
      },
      attempts: 2,
      requests: { s3: 4321, sts: 2, retries: 7 },
      receipt: { state: 'received', at: createdAt, saidAt: null, message: 'Thank you' },
      failure: null,
      retry: null,
      warning: null,
    },
    {
      customerId: 'cus_2',
      connectionId: null,
      state: 'failed',
      window: { from: null, to: createdAt },
      rows: 0,
      bytes: 0,
      files: 0,
      sequence: null,
      manifestKey: null,
      deliveredByRunId: null,
      phases: { preparingAt: null, preparedAt: null, committingAt: null, endedAt: null },
      attempts: 1,
      requests: { s3: 0, sts: 0, retries: 0 },
      receipt: null,
      failure: {
        code: 'access_denied',
        message: 'It did not work',
        hint: 'Try this',
        side: 'customer',
        cause: 'write_denied',
      },
      retry: { at: '2026-01-02T03:05:08.000Z', awaits: 'connection' },
      warning: null,
    },
  ],
};

const delivery: Delivery = {
  id: 'dlv_1',
  name: 'Daily flights',
  datasetId: 'ds_1',
  customerIds: ['cus_1', 'cus_2'],
  customerRule: null,
  status: 'active',
  schedule: { type: 'interval', everyMinutes: 15, jitterSeconds: 0 },
  nextRunAt: '2026-01-02T03:15:00.000Z',
  startsAt: null,
  ...DeliveryTerms.parse({ mode: 'full', format: 'parquet', compression: 'zstd' }),
  createdAt,
};

/** Something of everything, with what goes wrong. */
export const sampleOverview: Overview = {
  customers: [customer],
  connections: [connection],
  datasets: [],
  deliveries: [
    delivery,
    {
      ...delivery,
      id: 'dlv_2',
      customerIds: [],
      customerRule: { match: 'all', properties: { plan: 'pro' } },
      status: 'paused',
      schedule: {
        type: 'cron',
        expression: '30 6 * * *',
        timeZone: 'Asia/Tokyo',
        jitterSeconds: 0,
      },
    },
  ],
  runs: [run],
  cut: [],
};
