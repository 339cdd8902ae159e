import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Connection, ConnectionStatus } from '@causeway/contract';
import { accountClients, operatorAccount, operatorArn } from '@causeway/sandbox/clients';
import pg from 'pg';
import type { Watch } from '../keep-looking.ts';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { watchHealth } from './watch-health.ts';

let stage: DeliveryStage;
let database: pg.Client;
let acme: Receiver;
let globex: Receiver;
before(async () => {
  stage = await openDeliveryStage();
  database = new pg.Client({ connectionString: stage.configuration.databaseUrl });
  await database.connect();
  [acme, globex] = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
});
after(async () => {
  await database?.end();
  await stage?.close();
});
const workers: { stop(): Promise<unknown> }[] = [];
const watches: Watch[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await Promise.all(watches.splice(0).map((watch) => watch.stop()));
  await stage.removeFaults();
  await stage.dropRetries();
});

async function startWorker(): Promise<void> {
  workers.push(await stage.startWorker());
}

async function startTwoWorkers(): Promise<void> {
  workers.push(...(await Promise.all([stage.startWorker(), stage.startWorkerProcess()])));
}

/** What every worker does beside its runs, in this process: what it logs is returned. */
function watch(): string[] {
  const events: string[] = [];
  const { aws, checks } = stage.configuration;
  const operator = { accountId: operatorAccount, principalArn: operatorArn, region: aws.region };
  const credentials = async () => aws.credentials ?? assert.fail('there are none');
  const endpoint = aws.endpoint ?? '';
  const access = { operator, credentials, region: aws.region, endpoint };
  const log = ({ event }: { readonly event: string }) => void events.push(event);
  watches.push(watchHealth({ store: stage.store, access, ...checks, log }));
  return events;
}

/** As if the last check had been long ago, and the next were due now or not at all. */
async function age(receivers: readonly Receiver[], next: 'due' | 'later'): Promise<void> {
  const ids = receivers.map(({ connection }) => connection.id);
  const inSeconds = next === 'due' ? 0 : 86_400;
  await database.query(
    `update causeway.connections set
       last_checked_at = last_checked_at - interval '1 day',
       last_check = (jsonb_set(last_check::jsonb, '{checkedAt}', to_jsonb(
         to_char(last_checked_at - interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))::json,
       next_check_at = clock_timestamp() + make_interval(secs => $2)
     where id = any($1)`,
    [ids, inSeconds],
  );
}

/** How often the connection was checked so far: each check starts one upload that it aborts. */
async function checksOf({ connection }: Receiver): Promise<number> {
  const answer = await fetch(`${stage.configuration.aws.endpoint}/_sandbox/requests?last=5000`);
  const { requests } = (await answer.json()) as {
    requests: { operation: string | null; path: string }[];
  };
  const probes = `/${connection.bucket}/${connection.prefix}_causeway/`;
  return requests.filter(
    ({ operation, path }) => operation === 'CreateMultipartUpload' && path.startsWith(probes),
  ).length;
}

async function inStatus(receiver: Receiver, status: ConnectionStatus): Promise<Connection> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const connection = await stage.getConnection(receiver);
    if (connection.status === status) return connection;
    assert.ok(performance.now() < deadline, `it stays ${connection.status}`);
    await sleep(50);
  }
}

/** What the customer's administrator does to the role. */
async function trust({ connection }: Receiver, condition?: object): Promise<void> {
  const { iam } = accountClients(stage.configuration.aws.endpoint ?? '', connection.accountId);
  await iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: connection.roleName,
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: operatorArn },
          Action: 'sts:AssumeRole',
          ...(condition && { Condition: condition }),
        },
      }),
    }),
  );
}

const asAgreed = ({ connection }: Receiver) => ({
  StringEquals: { 'sts:ExternalId': connection.externalId },
});

describe('Connections whose time has come', () => {
  it('are checked once each, however many workers there are', async () => {
    const before = [await checksOf(acme), await checksOf(globex)];
    await age([acme, globex], 'due');

    await startTwoWorkers();
    const since = Date.now();
    for (const receiver of [acme, globex]) {
      const fresh = async () => (await stage.getConnection(receiver)).lastCheck?.checkedAt ?? '';
      while (Date.parse(await fresh()) < since - 30_000) {
        assert.ok(Date.now() - since < 30_000, 'nobody checks it');
        await sleep(50);
      }
    }
    // Longer than a look of either worker that would take them again.
    await sleep(500);

    assert.deepEqual(
      [await checksOf(acme), await checksOf(globex)],
      before.map((count) => count + 1),
    );
    const { health } = await stage.getConnection(acme);
    const hours = (Date.parse(health.nextCheckAt ?? '') - Date.now()) / 3_600_000;
    assert.ok(hours > 21 && hours < 27, `the next is in ${hours} hours`);
  });

  it('change nothing while AWS cannot be asked', async () => {
    const { lastCheck } = await stage.getConnection(acme);
    const fault = await stage.inject({
      operation: 'AssumeRole',
      effect: { type: 'fail_before', status: 503, code: 'ServiceUnavailable' },
    });
    await age([acme], 'due');
    const events = watch();
    await fault.caught(3);
    while (!events.includes('connection:not_checked')) await sleep(20);

    const after = await stage.getConnection(acme);

    assert.equal(after.status, 'active');
    assert.deepEqual(after.lastCheck?.steps, lastCheck?.steps);
    const minutes = (Date.parse(after.health.nextCheckAt ?? '') - Date.now()) / 60_000;
    assert.ok(minutes > 4 && minutes < 6, `the next is in ${minutes} minutes`);
  });
});

describe('A role that stops demanding the external ID', () => {
  it('is declared insecure, its flows pause, and others are served', async () => {
    const order = await stage.order([acme, globex]);
    await trust(acme);
    await age([acme], 'due');
    const events = watch();

    const connection = await inStatus(acme, 'insecure');

    await startWorker();
    // It is told after it is kept.
    while (events.length === 0) await sleep(20);
    assert.deepEqual(events, ['connection:status_changed']);
    assert.equal(connection.health.label, 'Insecure');
    assert.equal(connection.health.nextAction?.code, 'send_fix');
    const run = await stage.ended(await stage.startRun(order));
    assert.equal(run.state, 'partial');
    const refused = recipientOf(run, acme);
    assert.equal(refused.failure?.code, 'connection_not_ready');
    assert.equal(refused.failure.side, 'customer');
    assert.match(refused.failure.hint, /must demand "StringEquals": \{"sts:ExternalId"/);
    assert.deepEqual(await acme.keysOf(order.dataset.name), []);
    assert.equal(recipientOf(run, globex).state, 'delivered');
  });

  it('is used again by itself once it is mended', async () => {
    const order = await stage.order([acme, globex]);
    await trust(acme, asAgreed(acme));
    await age([acme], 'later');
    await startWorker();

    const run = await stage.ended(await stage.startRun(order));

    assert.equal(run.state, 'succeeded');
    await stage.proveDelivered(order, acme, [run]);
    assert.equal((await stage.getConnection(acme)).status, 'active');
  });

  it('gets nothing from a run that is the first to find out, and is declared when it lasts', async () => {
    const order = await stage.order([acme, globex]);
    await trust(acme);
    await age([acme], 'later');
    await startWorker();

    const run = await stage.ended(await stage.startRun(order));

    assert.equal(recipientOf(run, acme).failure?.code, 'connection_not_ready');
    assert.match(recipientOf(run, acme).failure?.message ?? '', /"insecure"/);
    assert.equal(recipientOf(run, globex).state, 'delivered');
    await inStatus(acme, 'insecure');
    await trust(acme, asAgreed(acme));
    await age([acme], 'due');
    watch();
    await inStatus(acme, 'active');
  });

  it('is not declared insecure for what IAM has not spread yet', async () => {
    await trust(acme);
    const slow = await stage.inject({
      operation: 'ListObjectsV2',
      bucket: acme.connection.bucket,
      times: 1,
      effect: { type: 'hold' },
    });
    await age([acme], 'due');
    const events = watch();
    await slow.caught();
    // The probes that must be refused are answered meanwhile.
    await sleep(300);
    await trust(acme, asAgreed(acme));
    const since = Date.now();
    await slow.remove();

    while (Date.parse((await stage.getConnection(acme)).lastCheck?.checkedAt ?? '') < since) {
      await sleep(50);
    }

    assert.equal((await stage.getConnection(acme)).status, 'active');
    assert.deepEqual(events, []);
  });
});

describe('A run', () => {
  it('checks again what was checked long ago, once for all runs that begin together', async () => {
    const orders = await Promise.all([stage.order([globex]), stage.order([globex])]);
    const before = await checksOf(globex);
    await age([globex], 'later');
    await startTwoWorkers();

    const runs = await Promise.all(orders.map((order) => stage.startRun(order)));
    const ended = await Promise.all(runs.map((run) => stage.ended(run)));

    assert.deepEqual(
      ended.map(({ state }) => state),
      ['succeeded', 'succeeded'],
    );
    assert.equal(await checksOf(globex), before + 1);
  });

  it('relies on a check that is young', async () => {
    const order = await stage.order([globex]);
    const before = await checksOf(globex);
    await startWorker();
    assert.equal((await stage.ended(await stage.startRun(order))).state, 'succeeded');
    assert.equal(await checksOf(globex), before);
  });

  it('is carried out though the worker that checked before it has died', async () => {
    const order = await stage.order([globex]);
    await age([globex], 'later');
    const held = await stage.inject({
      operation: 'AssumeRole',
      times: 1,
      effect: { type: 'hold' },
    });
    const run = await stage.startRun(order);
    const worker = await stage.startWorkerProcess();
    await held.holding();
    await worker.kill();
    await held.remove();
    // As if most of the time had gone by that a check without a sign is waited for.
    await database.query(
      `update causeway.connections set check_taken_until = check_taken_until - interval '12 s'
       where id = $1`,
      [globex.connection.id],
    );

    await startWorker();
    const ended = await stage.ended(run);

    assert.deepEqual([ended.state, ended.attempt], ['succeeded', 2]);
    await stage.proveDelivered(order, globex, [ended]);
  });

  it('finishes a commit that had begun when the connection was found insecure', async () => {
    const order = await stage.order([globex]);
    const held = await stage.inject({
      operation: 'CompleteMultipartUpload',
      effect: { type: 'hold' },
    });
    const run = await stage.startRun(order);
    const worker = await stage.startWorkerProcess();
    await held.caught();
    await worker.kill();
    await held.remove();
    await database.query(`update causeway.connections set status = 'insecure' where id = $1`, [
      globex.connection.id,
    ]);

    await startWorker();
    const ended = await stage.ended(run);

    assert.equal(ended.state, 'succeeded');
    await stage.proveDelivered(order, globex, [ended]);
    await age([globex], 'due');
    watch();
    await inStatus(globex, 'active');
  });
});

describe('A role that is gone', () => {
  it('is revoked, and says what to do', async () => {
    const gone = await stage.connect('LAX');
    const { iam } = accountClients(
      stage.configuration.aws.endpoint ?? '',
      gone.connection.accountId,
    );
    const RoleName = gone.connection.roleName;
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'causeway' }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    await age([gone], 'due');
    watch();

    const { health } = await inStatus(gone, 'revoked');

    assert.equal(health.nextAction?.code, 'reconnect');
    const minutes = (Date.parse(health.nextCheckAt ?? '') - Date.now()) / 60_000;
    assert.ok(minutes > 13 && minutes < 17, `it is looked at again in ${minutes} minutes`);
  });
});
