import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CustomerAccount, flights, trustPolicyOf, withoutExternalId } from './support/customer.ts';
import { assertUnchanged, type Run, runToEnd, verifiedManifest } from './support/delivery.ts';
import { removeData, startIn, startTarget, type Target } from './support/target.ts';

interface Connection {
  id: string;
  externalId: string;
  roleName: string;
  roleArn: string;
  status: string;
}
interface Report {
  outcome: string;
  steps: { id: string; verdict: string }[];
}
interface Failure {
  error: { code: string; message: string; hint: string; requestId: string };
}

/** Departures in the dataset, counted with DuckDB. */
const departures = { ATL: 124_711, ORD: 166_341 } as const;

let target: Target;
before(async () => {
  target = await startTarget();
});
after(async () => {
  await target.stop();
  await removeData(target);
});

async function create<T>(path: string, body: unknown): Promise<T> {
  const answer = await target.call<T>('POST', path, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

describe('the main job', () => {
  const customers = [
    { name: 'Acme', reference: 'ATL', bucket: 'acme-data', account: '222222222222' },
    { name: 'Globex', reference: 'ORD', bucket: 'globex-data', account: '333333333333' },
  ] as const;
  const made: { customerId: string; connection: Connection; account: CustomerAccount }[] = [];
  let deliveryId = '';

  it('fixes external ID and role name when a connection is made', async () => {
    for (const { name, reference, bucket, account } of customers) {
      const customer = await create<{ id: string }>('/v1/customers', { name, reference });
      const connection = await create<Connection>('/v1/connections', {
        customerId: customer.id,
        location: `s3://${bucket}/causeway/`,
        accountId: account,
      });
      assert.match(connection.externalId, /^cw-[0-9a-z]{26}$/);
      assert.equal(connection.roleArn, `arn:aws:iam::${account}:role/${connection.roleName}`);
      assert.equal(connection.status, 'draft');
      made.push({
        customerId: customer.id,
        connection,
        account: new CustomerAccount(target.sandboxUrl, account),
      });
    }
    assert.notEqual(made[0]?.connection.externalId, made[1]?.connection.externalId);
  });

  it('refuses a role that forgets the external ID, and accepts it once corrected', async () => {
    for (const [index, { connection, account }] of made.entries()) {
      const path = `/v1/connections/${connection.id}`;
      const { body: guide } = await target.call<Parameters<typeof withoutExternalId>[0]>(
        'GET',
        `${path}/setup-guide`,
      );
      await account.createBucket(customers[index]?.bucket ?? '');
      await account.createRole(guide, withoutExternalId(guide));
      const careless = await target.call<Report>('POST', `${path}/check`, {});
      assert.equal(careless.body.outcome, 'insecure');
      const before = await target.call<Connection>('GET', path);
      assert.equal(before.body.status, 'insecure');

      await account.replaceTrustPolicy(connection.roleName, trustPolicyOf(guide));
      const { body: report } = await target.call<Report>('POST', `${path}/check`, {});

      assert.deepEqual(
        report.steps.filter(({ verdict }) => verdict !== 'passed'),
        [],
      );
      assert.equal((await target.call<Connection>('GET', path)).body.status, 'active');
    }
  });

  it('delivers to each customer its own rows, visible by a signed manifest', async () => {
    const dataset = await create<{ id: string }>('/v1/datasets', {
      name: 'flights',
      source: { type: 'file', path: flights },
      customerColumn: 'origin',
    });
    const delivery = await create<{ id: string }>('/v1/deliveries', {
      name: 'Flights',
      datasetId: dataset.id,
      customerIds: made.map(({ customerId }) => customerId),
    });
    deliveryId = delivery.id;

    const run = await runToEnd(target, deliveryId);

    assert.equal(run.state, 'succeeded');
    for (const [index, { customerId, account }] of made.entries()) {
      const { bucket, reference } = customers[index] ?? customers[0];
      const recipient = run.recipients.find((one) => one.customerId === customerId);
      assert.equal(recipient?.rows, departures[reference]);
      const keys = await account.keys(bucket);
      const day = run.createdAt.slice(0, 10);
      assert.deepEqual(keys, [
        `causeway/_manifests/flights/dt=${day}/manifest_${run.id}.json`,
        `causeway/flights/dt=${day}/${run.id}_00000.parquet`,
      ]);
      assert.equal(await account.uploads(bucket), 0);
      const text = await account.read(bucket, recipient?.manifestKey ?? '');
      const manifest = await verifiedManifest(target, text);
      assert.equal(manifest.rows, departures[reference]);
      assert.equal(manifest.sequence, 1);
      await assertUnchanged(manifest, (key) => account.read(bucket, key));
    }
  });

  it('delivers nothing again for the same window', async () => {
    const before = await made[0]?.account.keys('acme-data');

    const run = await runToEnd(target, deliveryId);

    assert.deepEqual(
      run.recipients.map(({ state }) => state),
      ['unchanged', 'unchanged'],
    );
    assert.deepEqual(await made[0]?.account.keys('acme-data'), before);
  });

  it('keeps everything over a restart', async () => {
    await target.stop();
    target = await startIn(target.dataDir, ['--no-sample']);

    const { body } = await target.call<{ items: Run[] }>('GET', '/v1/runs');

    assert.equal(body.items.length, 2);
    assert.equal((await runToEnd(target, deliveryId)).recipients[0]?.state, 'unchanged');
  });
});

describe('the API', () => {
  it('answers nothing under /v1 without a key', async () => {
    const response = await fetch(`${target.url}/v1/customers`);
    const body = (await response.json()) as Failure;

    assert.equal(response.status, 401);
    assert.equal(body.error.code, 'unauthorized');
  });

  it('says what was found and what to do when the input is wrong', async () => {
    const wrong = [
      { path: '/v1/customers', body: { name: '' }, code: 'invalid_request', status: 400 },
      { path: '/v1/nothing', body: {}, code: 'route_not_found', status: 404 },
      {
        path: '/v1/connections',
        body: { customerId: 'cus_none', location: 's3://acme-data/x/', accountId: '222222222222' },
        code: 'not_found',
        status: 404,
      },
      {
        path: '/v1/datasets',
        body: { name: 'x', source: { type: 'file', path: '/etc/passwd' } },
        code: 'source_not_allowed',
        status: 422,
      },
    ];
    for (const { path, body, code, status } of wrong) {
      const answer = await target.call<Failure>('POST', path, body);
      assert.equal(answer.body.error.code, code);
      assert.equal(answer.status, status);
      assert.ok(answer.body.error.hint.length > 0);
      assert.ok(answer.body.error.requestId.length > 0);
      assert.doesNotMatch(JSON.stringify(answer.body), /\bat .*\.ts:\d+/);
    }
  });

  it('serves its description, its reference and a page', async () => {
    const description = (await (await fetch(`${target.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: object;
    };
    assert.match(description.openapi, /^3\.1/);
    assert.ok('/v1/deliveries/{id}/runs' in description.paths);
    for (const path of ['/', '/reference/']) {
      const response = await fetch(`${target.url}${path}`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    }
  });
});
