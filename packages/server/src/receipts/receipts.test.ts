import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type {
  AccessDetails,
  CheckReport,
  Connection,
  Customer,
  Event,
  Page,
  Receipt,
  Run,
  SetupGuide,
} from '@causeway/contract';
import { managedOperatorPolicy } from '@causeway/policy';
import { rootCredentials } from '@causeway/sandbox';
import {
  accountClients,
  createAccessKey,
  createUser,
  operatorAccount,
  operatorArn,
} from '@causeway/sandbox/clients';
import pg from 'pg';
import { watchHealth } from '../health/watch-health.ts';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';

let stage: DeliveryStage;
let database: pg.Client;
let acme: Receiver;
let managed: Managed[];
let run: Run;
before(async () => {
  stage = await openDeliveryStage();
  database = new pg.Client({ connectionString: stage.configuration.databaseUrl });
  await database.connect();
  acme = await stage.connect('SFO');
  const kmsKeyArn = await operatorKey();
  managed = [
    await makeBucket('SEA', 'bucket_policy', { kmsKeyArn }),
    await makeBucket('DEN', 'operator_role'),
  ];
  const customerIds = [acme, ...managed].map(({ customer }) => customer.id);
  const order = await stage.order([acme], { delivery: { customerIds } });
  const worker = await stage.startWorker();
  run = await stage.ended(await stage.startRun(order));
  await worker.stop();
  assert.equal(run.state, 'succeeded', JSON.stringify(run));
});
after(async () => {
  kms?.destroy();
  await database?.end();
  await stage?.close();
});

/** A customer whose bucket is the operator's. */
interface Managed {
  readonly customer: Customer;
  readonly connection: Connection & { readonly bucket: string };
}

const sandboxUrl = () => stage.configuration.aws.endpoint ?? '';

async function makeBucket(reference: string, access: string, settings = {}): Promise<Managed> {
  const { call } = stage;
  const customer = await call<Customer>('POST /v1/customers', { name: reference, reference });
  const { id } = await call<Connection>('POST /v1/connections', {
    customerId: customer.id,
    access,
    settings,
    resourceId: reference.toLowerCase(),
    accountId: '222222222222',
  });
  const path = `/v1/connections/${id}`;
  const made = await call<Connection>(`POST ${path}/provision`, {});
  const { documents } = await call<SetupGuide>(`GET ${path}/setup-guide`);
  const keyPolicy = documents.find(({ name }) => name === 'keyPolicy')?.document;
  if (keyPolicy) await letUseKey(keyPolicy);
  const { outcome } = await call<CheckReport>(`POST ${path}/check`);
  assert.equal(outcome, 'healthy');
  return { customer, connection: { ...made, bucket: made.bucket ?? '' } };
}

let kms: KMSClient;
let keyId = '';

/** A key of the operator's, which Causeway may use for what is in managed buckets. */
async function operatorKey(): Promise<string> {
  const credentials = rootCredentials(operatorAccount);
  kms = new KMSClient({ endpoint: sandboxUrl(), region: 'us-east-1', credentials });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const { Arn = '', KeyId = '' } = KeyMetadata ?? {};
  keyId = KeyId;
  const rights = managedOperatorPolicy({ operatorAccountId: operatorAccount, kmsKeyArns: [Arn] });
  const { iam } = accountClients(sandboxUrl(), operatorAccount);
  await iam.send(
    new PutUserPolicyCommand({
      UserName: operatorArn.split('/').at(-1),
      PolicyName: 'keep-managed-buckets',
      PolicyDocument: JSON.stringify(rights),
    }),
  );
  return Arn;
}

async function letUseKey(keyPolicy: object): Promise<void> {
  await kms.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: JSON.stringify(keyPolicy) }));
}

const keyOf = ({ id }: Run) => `causeway/_causeway/receipts/${id}`;

/** What the customer's side does with its own rights. */
async function write(body: string): Promise<void> {
  const { accountId, bucket } = acme.connection;
  const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
  const Key = keyOf(run);
  await s3.send(
    body === 'nothing'
      ? new DeleteObjectCommand({ Bucket: bucket, Key })
      : new PutObjectCommand({ Bucket: bucket, Key, Body: body }),
  );
}

/** As a user of the customer's account that has the policy which the details show. */
async function readerOf({ customerPolicy, role }: AccessDetails): Promise<S3Client> {
  const { iam } = accountClients(sandboxUrl(), '222222222222');
  const UserName = `reader-${role === null ? 'policy' : 'role'}`;
  await createUser(iam, UserName, customerPolicy.document);
  const user = await createAccessKey(iam, UserName);
  const config = { endpoint: sandboxUrl(), region: 'us-east-1' };
  if (role === null) return new S3Client({ ...config, forcePathStyle: true, credentials: user });
  const sts = new STSClient({ ...config, credentials: user });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'reader' }),
  );
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  return new S3Client({ ...config, forcePathStyle: true, credentials });
}

/** As if the delivery, and each look, had been a minute ago. */
async function aMinuteLater(): Promise<void> {
  await database.query(
    `update causeway.run_recipients set ended_at = ended_at - interval '1 minute',
       receipt_looked_at = receipt_looked_at - interval '1 minute'`,
  );
}

/** Begins anew, as if nothing had been said. */
async function forget(): Promise<void> {
  await write('nothing');
  await database.query('update causeway.run_recipients set receipt = null');
}

async function shown(): Promise<Receipt | null> {
  await aMinuteLater();
  return recipientOf(await stage.getRun(run), acme).receipt;
}

async function looksAtReceipts(): Promise<number> {
  const url = `${stage.configuration.aws.endpoint}/_sandbox/requests`;
  const { requests } = (await (await fetch(`${url}?last=5000`)).json()) as {
    requests: { operation: string | null; path: string }[];
  };
  // Nothing else lists this bucket here.
  return requests.filter(
    ({ operation, path }) =>
      operation === 'ListObjectsV2' && path.startsWith(`/${acme.connection.bucket}`),
  ).length;
}

describe('A receipt', () => {
  const cases: [name: string, body: string, found: Partial<Receipt> | null][] = [
    ['is awaited while there is none', 'nothing', null],
    ['is taken when it is empty', '', { state: 'received', message: null }],
    [
      'may say that the customer cannot use the delivery, in words that steer nothing',
      JSON.stringify({ status: 'rejected', message: 'no \u001b[2J\u202erows' }),
      { state: 'rejected', message: 'no [2J rows' },
    ],
    ['is shown as not valid when it is none', 'thanks', { state: 'not_valid' }],
    ['is not read when it is large', '{}'.padEnd(4097), { state: 'not_valid' }],
    ['is of no other run', '{"runId":"run_0"}', { state: 'not_valid' }],
  ];
  for (const [name, body, found] of cases) {
    it(name, async () => {
      await forget();
      await write(body);

      const receipt = await shown();

      assert.equal(receipt?.state, found?.state);
      if (found?.message !== undefined) assert.equal(receipt?.message, found.message);
      if (receipt) assert.ok(Math.abs(Date.parse(receipt.at) - Date.now()) < 60_000);
    });
  }

  it('is final and told once, and not looked for again', async () => {
    await forget();
    await write('{"at":"2026-11-22T10:00:00Z"}');
    await shown();
    await write('{"status":"rejected"}');
    const looks = await looksAtReceipts();
    assert.ok(looks > 0);

    const receipt = await shown();

    assert.equal(receipt?.state, 'received');
    assert.equal(receipt.saidAt, '2026-11-22T10:00:00Z');
    assert.equal(await looksAtReceipts(), looks);
    const line = `GET /v1/events?runId=${run.id}&type=recipient.received`;
    const [event] = (await stage.call<Page<Event>>(line)).items;
    assert.equal(event?.customerId, acme.customer.id);
    assert.equal(event.after?.['saidAt'], '2026-11-22T10:00:00Z');
  });

  it('is asked for once, however many look at the run', async () => {
    await forget();
    await aMinuteLater();
    const before = await looksAtReceipts();

    await Promise.all(Array.from({ length: 10 }, () => stage.getRun(run)));

    assert.equal((await looksAtReceipts()) - before, 1);
  });

  it('is found by the checks of the schedule, without anybody looking', async () => {
    await forget();
    await write('');
    await aMinuteLater();
    await database.query('update causeway.connections set next_check_at = clock_timestamp()');
    const { aws, checks } = stage.configuration;
    const access = {
      operator: { accountId: operatorAccount, principalArn: operatorArn, region: aws.region },
      credentials: async () => aws.credentials ?? assert.fail('there are none'),
      region: aws.region,
      endpoint: aws.endpoint ?? '',
    };
    const watch = watchHealth({ store: stage.store, access, ...checks, log: () => {} });
    const found = async () => (await stage.store.runs.get(run.id)).recipients[0]?.receipt;
    const deadline = Date.now() + 30_000;
    while (!(await found()) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await watch.stop();

    assert.equal((await found())?.state, 'received');
  });

  it("is written into a managed bucket by the customer's own reader, and nothing else is", async () => {
    await aMinuteLater();
    for (const { customer, connection } of managed) {
      const { bucket: Bucket } = connection;
      const details = await stage.call<AccessDetails>(
        `GET /v1/connections/${connection.id}/access-details`,
      );
      const { manifestKey } = recipientOf(run, { customer });
      const s3 = await readerOf(details);
      const Key = `${details.receipts?.slice(`s3://${Bucket}/`.length)}${run.id}`;

      await s3.send(new PutObjectCommand({ Bucket, Key }));

      const place = { Bucket, Key: manifestKey ?? '' };
      await s3.send(new GetObjectCommand(place));
      await assert.rejects(s3.send(new PutObjectCommand({ ...place, Body: 'mine' })), {
        name: 'AccessDenied',
      });
    }

    const shown = await stage.getRun(run);

    for (const { customer } of managed) {
      assert.equal(recipientOf(shown, { customer }).receipt?.state, 'received');
    }
  });

  it('cannot be known of where the role may only write, and that is said', async () => {
    await forget();
    const { accountId, roleName, bucket } = acme.connection;
    const { iam } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName,
        PolicyName: 'causeway',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 's3:PutObject',
            Resource: `arn:aws:s3:::${bucket}/causeway/*`,
          },
        }),
      }),
    );

    assert.equal((await shown())?.state, 'not_readable');
  });
});
