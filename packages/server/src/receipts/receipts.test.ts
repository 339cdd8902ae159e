import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Event, Page, Receipt, Run } from '@causeway/contract';
import { accountClients, operatorAccount, operatorArn } from '@causeway/sandbox/clients';
import pg from 'pg';
import { watchHealth } from '../health/watch-health.ts';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';

let stage: DeliveryStage;
let database: pg.Client;
let acme: Receiver;
let run: Run;
before(async () => {
  stage = await openDeliveryStage();
  database = new pg.Client({ connectionString: stage.configuration.databaseUrl });
  await database.connect();
  acme = await stage.connect('SFO');
  const order = await stage.order([acme]);
  const worker = await stage.startWorker();
  run = await stage.ended(await stage.startRun(order));
  await worker.stop();
  assert.equal(recipientOf(run, acme).state, 'delivered', JSON.stringify(run));
});
after(async () => {
  await database?.end();
  await stage?.close();
});

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
