import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CheckReport,
  type Connection,
  type Customer,
  DeliveryTerms,
  healthOf,
  type Run,
} from '@causeway/contract';
import { formatBytes, formatDuration } from './format.ts';
import { html } from './html.ts';
import type { Overview } from './overview.ts';
import { renderPage } from './render-page.ts';

const createdAt = '2026-01-02T03:04:05.678Z';
const empty: Overview = {
  customers: [],
  connections: [],
  datasets: [],
  deliveries: [],
  runs: [],
  cut: [],
};

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
  attempt: 1,
  leftOut: [],
  retryOf: null,
  cancelRequest: null,
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
      phases: { preparingAt: null, preparedAt: null, committingAt: null, endedAt: null },
      failure: null,
      retry: null,
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
      failure: { code: 'no', message: 'It did not work', hint: 'Try this', side: 'customer' },
      retry: null,
    },
  ],
};

const full: Overview = {
  customers: [customer],
  connections: [connection],
  datasets: [],
  deliveries: [
    {
      id: 'dlv_1',
      name: 'Daily flights',
      datasetId: 'ds_1',
      customerIds: ['cus_1', 'cus_2'],
      customerRule: null,
      status: 'active',
      schedule: null,
      nextRunAt: null,
      ...DeliveryTerms.parse({ mode: 'full', format: 'parquet', compression: 'zstd' }),
      createdAt,
    },
  ],
  runs: [run],
  cut: [],
};

describe('renderPage()', () => {
  it('shows each connection with the steps of its last check, what was found and what to do', () => {
    const page = renderPage(full, '1.0');

    for (const shown of [
      'Acme',
      's3://acme-data/causeway/',
      '<span class="tag bad">Insecure</span>',
      'AWS let us in, since',
      '<dd class="next">Send the customer the fix: Add the condition on sts:ExternalId</dd>',
      '1 of 2 steps passed',
      'AWS let us in',
      'Add the condition on sts:ExternalId',
    ]) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('shows what each customer received in each run, and why one did not', () => {
    const page = renderPage(full, '1.0');

    for (const shown of [
      'Daily flights',
      '1,234,567',
      '20.4 MB',
      'took 2.5 s',
      'causeway/_manifests/flights/dt=2026-01-02/manifest_run_1.json',
      'It did not work',
      'Try this',
    ]) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('says how to begin when there is nothing', () => {
    const page = renderPage(empty, '1.0');

    assert.match(page, /No customers yet/);
    assert.match(page, /No runs yet/);
  });

  it('shows nothing of what is kept to a stranger, but where things are', () => {
    const page = renderPage(null, '1.0');

    assert.match(page, /href="\/reference\/"/);
    assert.match(page, /href="\/openapi.json"/);
    assert.doesNotMatch(page, /<script|customers yet/);
  });

  it('asks no other server for anything', () => {
    assert.doesNotMatch(renderPage(full, '1.0'), /(src|href)="(?!\/|data:)|url\(|@import|https?:/);
  });

  it('escapes whatever comes from outside', () => {
    const hostile = '</style></script><script>alert(1)</script><img src=x onerror="alert(1)">\'`&';
    const page = renderPage(replaceTexts(full, hostile), hostile);
    const clean = renderPage(replaceTexts(full, 'x'), 'x');

    assert.equal(tagsOf(page), tagsOf(clean));
    assert.ok(page.includes('&lt;script&gt;alert(1)'));
  });
});

/** Every text becomes the given one, but for words and times that the schemas fix. */
function replaceTexts(value: Overview, text: string): Overview {
  const kept = [
    'state',
    'status',
    'verdict',
    'outcome',
    'customerId',
    'cut',
    'mode',
    'compression',
  ];
  const json = JSON.stringify(value, (key, member: unknown) => {
    if (typeof member !== 'string' || kept.includes(key) || key.endsWith('At')) return member;
    return key === 'id' && member === 'cus_1' ? member : text;
  });
  return JSON.parse(json);
}

/** The page's markup without its text and without the values of its attributes. */
function tagsOf(page: string): string {
  return [...page.matchAll(/<\/?([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/g)]
    .map(([, name, attributes = '']) => name + attributes.replace(/="[^"]*"/g, ''))
    .join(' ');
}

describe('html', () => {
  it('escapes values, joins lists and leaves out what is not there', () => {
    const made = html`<p title="${'"\'`'}">${['<a>', html`<b>${1}</b>`]}${null}${undefined}${false}</p>`;

    assert.equal(made.markup, '<p title="&quot;&#39;&#96;">&lt;a&gt;<b>1</b></p>');
  });
});

describe('formatBytes(), formatDuration()', () => {
  it('choose the unit that a reader would', () => {
    assert.deepEqual([0, 999, 1000, 999_950, 1_500_000].map(formatBytes), [
      '0 B',
      '999 B',
      '1 kB',
      '1 MB',
      '1.5 MB',
    ]);
    assert.deepEqual([0, 999, 1000, 59_949, 59_950, 245_000].map(formatDuration), [
      '0 ms',
      '999 ms',
      '1 s',
      '59.9 s',
      '1 min 0 s',
      '4 min 5 s',
    ]);
  });
});
