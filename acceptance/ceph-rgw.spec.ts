import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { cephPacificCapabilities, createS3Store } from '@causeway/objectstore';
import { describeObjectStore } from '@causeway/objectstore/testing';
import { forCeph, type Shim, startExternalIdShim } from './ceph/external-id-shim.ts';
import { type Ceph, cephIsMissing, startCeph } from './ceph/start-ceph.ts';
import {
  CustomerAccount,
  flights,
  type SetupGuide,
  trustPolicyOf,
  withoutExternalId,
} from './support/customer.ts';
import { assertUnchanged, type Run, runToEnd, verifiedManifest } from './support/delivery.ts';
import { removeData, startServer } from './support/target.ts';
import { certainCalls } from './support/vendor.ts';

interface Report {
  outcome: string;
  steps: { id: string; verdict: string; cause?: string; notes?: string[] }[];
  storeCapabilities?: object;
}

const region = 'us-east-1';
/** Counted with DuckDB. */
const departures = { ATL: 124_711, SEA: 50_231 } as const;
const missing = cephIsMissing();
if (missing) console.log(`The specs on Ceph are skipped: ${missing}`);

describe('on Ceph RGW 16.2', { skip: missing ?? false }, () => {
  let ceph: Ceph;
  before(async () => {
    ceph = await startCeph();
  });
  after(() => ceph?.stop());

  describe('the main job', () => mainJob(() => ceph));

  describeObjectStore(
    'createS3Store()',
    async () => {
      const keys = await createAccount(ceph, '222222222222', 'acme');
      const bucket = 'conformance';
      const client = new S3Client({ ...keys, region, endpoint: ceph.url, forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      client.destroy();
      const open = (expectedBucketOwner: string) =>
        createS3Store({
          ...keys,
          bucket,
          region,
          endpoint: ceph.url,
          expectedBucketOwner,
          capabilities: cephPacificCapabilities,
          retryBudgetMs: 3_000,
        });
      const stores = [open('222222222222'), open('333333333333')] as const;
      return {
        store: stores[0],
        astray: stores[1],
        close: async () => {
          for (const store of stores) store.close();
        },
      };
    },
    { hasOwners: true },
  );
});

/**
 * The main job: through a role that the gateway enforces, its external ID by the shim; and
 * with an access key, for which the gateway is a store like any other that a customer names.
 */
function mainJob(cephOf: () => Ceph): void {
  const customer = { account: '222222222222', bucket: 'acme-data', name: 'flow' };
  let shim: Shim;
  let server: Awaited<ReturnType<typeof startServer>>;
  let account: CustomerAccount;
  before(async () => {
    const ceph = cephOf();
    const operator = await createAccount(ceph, '111111111111', 'operator');
    const { accessKeyId, secretAccessKey } = operator.credentials;
    const arn = 'arn:aws:iam::111111111111:user/operator';
    shim = await startExternalIdShim(ceph.url, {
      [accessKeyId]: { account: '111111111111', arn },
    });
    const { credentials } = await createAccount(ceph, customer.account, customer.name);
    account = new CustomerAccount(shim.url, customer.account, credentials);
    server = await startServer({
      CAUSEWAY_AWS_ENDPOINT: shim.url,
      CAUSEWAY_ALLOWED_ENDPOINTS: ceph.url,
      CAUSEWAY_SOURCE_DIRS: dirname(flights),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
    });
  });
  after(async () => {
    await server?.stop();
    if (server) await removeData(server);
    await shim?.stop();
  });

  const post = <T>(path: string, body: object) =>
    certainCalls(server.call).call<T>(`POST ${path}`, body);

  it('connects only with the external ID, and delivers what the gateway then gives back', async () => {
    const { id: customerId } = await post<{ id: string }>('/v1/customers', {
      name: 'Acme',
      reference: 'ATL',
    });
    const connection = await post<{ id: string; roleName: string }>('/v1/connections', {
      customerId,
      location: `s3://${customer.bucket}/causeway/`,
      accountId: customer.account,
    });
    const path = `/v1/connections/${connection.id}`;
    const guide = (await server.call<SetupGuide>('GET', `${path}/setup-guide`)).body;
    await account.createBucket(customer.bucket);
    await account.putBucketPolicy(customer.bucket, ownersMayRead(customer));
    await account.createRole(guide, forCeph(withoutExternalId(guide)));
    const careless = await post<Report>(`${path}/check`, {});
    assert.equal(careless.outcome, 'insecure');

    await account.replaceTrustPolicy(connection.roleName, forCeph(trustPolicyOf(guide)));
    const report = await post<Report>(`${path}/check`, {});

    // The gateway tells nobody where a bucket is, nor why reading what is not there is refused.
    const notPassed = report.steps.filter(({ verdict }) => verdict !== 'passed');
    assert.deepEqual(
      notPassed.map(({ id, verdict }) => `${id} ${verdict}`),
      ['bucket.region warned', 'object.read skipped'],
    );
    assert.equal(report.outcome, 'healthy');

    const deliveryId = await orderFlights('flights', customerId);
    const run = await runToEnd(server, deliveryId);

    await assertDelivered(run, account, customer.bucket, departures.ATL);
    const again = await runToEnd(server, deliveryId);
    assert.equal(again.recipients[0]?.state, 'unchanged');
  });

  it('takes an access key of it, names what it lacks, and delivers with what there is', async () => {
    const ceph = cephOf();
    const { credentials } = await createAccount(ceph, '333333333333', 'globex');
    const owner = new CustomerAccount(ceph.url, '333333333333', credentials);
    await owner.createBucket('globex-data');
    const { id: customerId } = await post<{ id: string }>('/v1/customers', {
      name: 'Globex',
      reference: 'SEA',
    });
    const { id } = await post<{ id: string }>('/v1/connections', {
      customerId,
      access: 'access_key',
      location: 's3://globex-data/causeway/',
      endpoint: ceph.url,
    });
    const path = `/v1/connections/${id}`;
    await post(`${path}/access-keys`, credentials);

    const report = await post<Report>(`${path}/check`, {});

    assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps, null, 1));
    assert.deepEqual(report.storeCapabilities, cephPacificCapabilities);
    const store = report.steps.find((step) => step.id === 'store.capabilities');
    assert.equal(store?.verdict, 'warned');
    assert.equal(store.cause, 'store_lacks_guarantees');
    assert.match(store.notes?.join(' ') ?? '', /of two writers of one key.* the later one wins/);
    assert.deepEqual(await owner.keys('globex-data'), [], 'the probes leave nothing behind');
    assert.equal(await owner.uploads('globex-data'), 0);

    const run = await runToEnd(server, await orderFlights('flights-by-key', customerId));

    await assertDelivered(run, owner, 'globex-data', departures.SEA);
  });

  async function orderFlights(name: string, customerId: string): Promise<string> {
    const { id: datasetId } = await post<{ id: string }>('/v1/datasets', {
      name,
      source: { type: 'file', path: flights },
      customerColumn: 'origin',
    });
    const order = { name, datasetId, customerIds: [customerId] };
    return (await post<{ id: string }>('/v1/deliveries', order)).id;
  }

  async function assertDelivered(
    run: Run,
    owner: CustomerAccount,
    bucket: string,
    rows: number,
  ): Promise<void> {
    const { manifestKey = '' } = run.recipients[0] ?? {};
    const manifest = await verifiedManifest(server, await owner.read(bucket, manifestKey));
    assert.equal(manifest.rows, rows);
    assert.equal(await owner.uploads(bucket), 0);
    await assertUnchanged(manifest, (key) => owner.read(bucket, key));
  }
}

/** Objects belong to who wrote them here, and there is no setting that gives them to the bucket's owner. */
function ownersMayRead({ account, bucket, name }: Record<'account' | 'bucket' | 'name', string>) {
  const principal = { AWS: `arn:aws:iam::${account}:user/${name}` };
  const statement = { Effect: 'Allow', Principal: principal, Action: 's3:GetObject' };
  return {
    Version: '2012-10-17',
    Statement: [{ ...statement, Resource: `arn:aws:s3:::${bucket}/*` }],
  };
}

async function createAccount(ceph: Ceph, account: string, name: string) {
  const credentials = {
    accessKeyId: `AKIA${name.toUpperCase()}${account}`,
    secretAccessKey: `secret-of-${name}`,
  };
  await ceph.admin(
    'user',
    'create',
    `--tenant=${account}`,
    `--uid=${name}`,
    `--display-name=${name}`,
    `--access-key=${credentials.accessKeyId}`,
    `--secret=${credentials.secretAccessKey}`,
    '--caps=roles=*;user-policy=*',
  );
  return { credentials };
}
