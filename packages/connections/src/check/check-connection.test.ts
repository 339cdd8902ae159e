import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import {
  CausewayError,
  CheckReport,
  checkStepIds,
  type PlacedConnection,
} from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, createOperator } from '@causeway/sandbox/clients';
import {
  customerAccount,
  type Mistakes,
  newConnection,
  operator,
  setUp,
} from '../testing/sample-customer.ts';
import { checkConnection, stepsFor } from './check-connection.ts';

let sandbox: Sandbox;
let credentials: { accessKeyId: string; secretAccessKey: string };

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  credentials = await createOperator(sandbox.url);
});
after(() => sandbox.close());

const check = (connection: PlacedConnection, change: { waitSeconds?: number } = {}) =>
  checkConnection(connection, {
    operator,
    credentials: async () => credentials,
    region: 'us-east-1',
    endpoint: sandbox.url,
    ...change,
  });

async function checkAfter(
  mistakes: Mistakes | ((c: ReturnType<typeof newConnection>) => Mistakes),
) {
  const made = newConnection();
  await setUp(sandbox, made.guide, typeof mistakes === 'function' ? mistakes(made) : mistakes);
  return { ...made, report: await check(made.connection) };
}

/** The steps that did not pass, as `id: verdict cause`. */
function faults(report: CheckReport): string[] {
  return report.steps
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ id, verdict, cause }) => `${id}: ${verdict}${cause ? ` ${cause}` : ''}`);
}

const stepOf = (report: CheckReport, id: string) => report.steps.find((step) => step.id === id);

describe('checkConnection()', () => {
  it('passes every step of a setup that follows the guide', async () => {
    const { connection, report } = await checkAfter({});

    assert.deepEqual(faults(report), []);
    assert.equal(report.outcome, 'healthy');
    assert.equal(report.region, 'us-east-1');
    assert.deepEqual(
      report.steps.map(({ id }) => id),
      checkStepIds.filter((id) => stepsFor(connection, operator).some((step) => step.id === id)),
    );
    assert.ok(CheckReport.safeParse(report).success);
  });

  it('leaves nothing behind in the bucket', async () => {
    const { connection } = await checkAfter({});
    const s3 = accountClients(sandbox.url, customerAccount).s3;
    const objects = await s3.send(new ListObjectsV2Command({ Bucket: connection.bucket }));
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket: connection.bucket }));

    assert.equal(objects.KeyCount, 0);
    assert.equal(uploads.Uploads?.length ?? 0, 0);
  });

  describe('on the trust policy', () => {
    type Statement = { Principal: unknown; Condition: Record<string, Record<string, unknown>> };
    const trust = (
      guide: ReturnType<typeof newConnection>['guide'],
      change: (statement: Statement, externalId: string) => void,
    ) => {
      const policy = structuredClone(guide.trustPolicy) as { Statement: Statement[] };
      for (const statement of policy.Statement) change(statement, guide.externalId);
      return { trustPolicy: policy };
    };
    const missing = 'role.external_id_missing: failed external_id_not_required';
    const wrong = 'role.external_id_wrong: failed external_id_not_enforced';

    it('refuses a role that asks for no external ID', async () => {
      const { report, guide } = await checkAfter(({ guide }) =>
        trust(guide, ({ Condition }) => delete Condition['StringEquals']),
      );

      assert.deepEqual(faults(report), [missing, wrong]);
      assert.equal(report.outcome, 'insecure');
      const step = stepOf(report, 'role.external_id_missing');
      assert.match(step?.fix?.text ?? '', new RegExp(guide.externalId));
      assert.deepEqual(step?.fix?.policy, guide.trustPolicy);
      assert.equal(step?.side, 'customer');
    });

    it('refuses a role that takes any external ID', async () => {
      const { report } = await checkAfter(({ guide }) =>
        trust(guide, ({ Condition }) => {
          delete Condition['StringEquals'];
          Condition['StringLike'] = { 'sts:ExternalId': '*' };
        }),
      );

      assert.deepEqual(faults(report), [wrong]);
      assert.equal(report.outcome, 'insecure');
    });

    it('refuses a role that asks for the external ID only if there is one', async () => {
      const { report } = await checkAfter(({ guide }) =>
        trust(guide, ({ Condition }, externalId) => {
          delete Condition['StringEquals'];
          Condition['StringEqualsIfExists'] = { 'sts:ExternalId': externalId };
        }),
      );

      assert.deepEqual(faults(report), [missing]);
      assert.equal(report.outcome, 'insecure');
    });

    it('accepts two external IDs, as during a rotation', async () => {
      const { report } = await checkAfter(({ guide }) =>
        trust(guide, ({ Condition }, externalId) => {
          Condition['StringEquals'] = { 'sts:ExternalId': [externalId, 'another'] };
        }),
      );

      assert.equal(report.outcome, 'healthy');
    });

    it('says what to compare when the role cannot be assumed', async () => {
      const { report, guide } = await checkAfter(({ guide }) =>
        trust(guide, ({ Condition }, externalId) => {
          Condition['StringEquals'] = { 'sts:ExternalId': externalId.toUpperCase() };
        }),
      );

      assert.equal(report.outcome, 'failing');
      assert.equal(faults(report)[0], 'role.assume: failed role_not_assumable');
      assert.ok(
        faults(report)
          .slice(1)
          .every((fault) => fault.endsWith(': skipped')),
      );
      const step = stepOf(report, 'role.assume');
      assert.match(step?.message ?? '', new RegExp(guide.externalId));
      assert.equal(step?.evidence?.code, 'AccessDenied');
      assert.ok(step?.evidence?.requestId);
    });
  });

  describe('on the bucket', () => {
    it('says that there is no such bucket', async () => {
      const { report } = await checkAfter({ withoutBucket: true });

      assert.equal(report.outcome, 'failing');
      assert.equal(faults(report)[0], 'bucket.region: failed bucket_not_found');
    });

    it('refuses a bucket that another account holds, even one that lets us in', async () => {
      const made = newConnection();
      await setUp(sandbox, made.guide, { bucketOwner: '333333333333' });
      await accountClients(sandbox.url, '333333333333').s3.send(
        new PutBucketPolicyCommand({
          Bucket: made.connection.bucket,
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${customerAccount}:root` },
              Action: 's3:*',
              Resource: [
                `arn:aws:s3:::${made.connection.bucket}`,
                `arn:aws:s3:::${made.connection.bucket}/*`,
              ],
            },
          }),
        }),
      );

      const report = await check(made.connection);

      assert.equal(faults(report)[0], 'bucket.owner: failed bucket_owner_mismatch');
      assert.equal(report.outcome, 'failing');
    });
  });

  describe('on the permissions', () => {
    type Document = { Statement: { Sid: string; Action: unknown; Resource: unknown }[] };
    const without = (sid: RegExp) => (made: ReturnType<typeof newConnection>) => {
      const policy = structuredClone(made.guide.permissionsPolicy) as Document;
      policy.Statement = policy.Statement.filter(({ Sid }) => !sid.test(Sid));
      return { permissionsPolicy: policy };
    };

    it('names the missing right to write', async () => {
      const { report, connection } = await checkAfter(without(/write/i));

      assert.equal(report.outcome, 'failing');
      assert.equal(stepOf(report, 'object.write')?.cause, 'write_denied');
      const fix = stepOf(report, 'object.write')?.fix;
      assert.match(fix?.text ?? '', new RegExp(`s3:PutObject .*${connection.bucket}/causeway/\\*`));
      assert.equal(fix?.document, 'permissionsPolicy');
    });

    it('warns, and no more, when only writing is allowed', async () => {
      const { report } = await checkAfter(without(/list|verify|read/i));

      assert.equal(report.outcome, 'healthy');
      assert.deepEqual(faults(report), [
        'bucket.owner: skipped',
        'prefix.list: warned list_denied',
        'object.read: warned read_denied',
      ]);
    });

    it('advises to narrow a role that reaches outside the prefix', async () => {
      const { report } = await checkAfter(({ connection }) => ({
        permissionsPolicy: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 's3:*',
            Resource: [`arn:aws:s3:::${connection.bucket}`, `arn:aws:s3:::${connection.bucket}/*`],
          },
        },
      }));

      assert.equal(report.outcome, 'healthy');
      assert.deepEqual(faults(report), ['scope: warned scope_too_wide']);
      assert.match(
        stepOf(report, 'scope')?.message ?? '',
        /list outside "causeway\/" and read outside "causeway\/" and write outside "causeway\/"/,
      );
    });

    it('names a Deny of the bucket policy', async () => {
      const made = newConnection();
      await setUp(sandbox, made.guide);
      await accountClients(sandbox.url, customerAccount).s3.send(
        new PutBucketPolicyCommand({
          Bucket: made.connection.bucket,
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:PutObject',
              Resource: `arn:aws:s3:::${made.connection.bucket}/*`,
            },
          }),
        }),
      );

      const report = await check(made.connection);

      assert.equal(stepOf(report, 'object.write')?.cause, 'explicit_deny');
      assert.match(stepOf(report, 'object.write')?.message ?? '', /resource-based policy/);
    });
  });

  it('waits for a role that AWS has yet to spread', async () => {
    const { connection, guide } = newConnection();
    const late = setTimeout(() => void setUp(sandbox, guide), 1200);

    const report = await check(connection, { waitSeconds: 20 });

    clearTimeout(late);
    assert.equal(report.outcome, 'healthy');
  });

  it('gives IAM the time that it takes to spread a role, and no verdict within it', {
    timeout: 120_000,
  }, async () => {
    const delay = (seconds: number) =>
      fetch(`${sandbox.url}/_sandbox/iam-delay`, {
        method: 'POST',
        body: JSON.stringify({ seconds }),
      });
    const refusals = async () => {
      const answer = await fetch(`${sandbox.url}/_sandbox/requests?last=5000`);
      const { requests } = (await answer.json()) as {
        requests: { operation: string; status: number }[];
      };
      return requests.filter(
        ({ operation, status }) => operation === 'AssumeRole' && status === 403,
      ).length;
    };
    const { connection, guide } = newConnection();
    await delay(600);
    await setUp(sandbox, guide);

    const atOnce = await check(connection);
    const refused = await refusals();
    const waiting = check(connection, { waitSeconds: 60 });
    while ((await refusals()) === refused) await sleep(20);
    await delay(0);
    const patient = await waiting;

    const step = stepOf(atOnce, 'role.assume');
    assert.equal(step?.cause, 'role_not_assumable');
    assert.ok(step?.causes?.some(({ code }) => code === 'not_spread_yet'));
    assert.deepEqual(faults(patient), []);
  });

  it('is not misled by answers that go to and fro while IAM spreads a change', async () => {
    const { connection, guide } = newConnection();
    await setUp(sandbox, guide);
    const inject = (operation: string) =>
      fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify({
          operation,
          bucket: connection.bucket,
          keyIncludes: `${connection.prefix}_causeway/`,
          times: 1,
          effect: { type: 'fail_before', status: 403, code: 'AccessDenied' },
        }),
      });
    // Allowed, refused, allowed, refused, allowed.
    await inject('UploadPart');
    await inject('AbortMultipartUpload');

    const report = await check(connection, { waitSeconds: 20 });

    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    assert.deepEqual(faults(report), []);
    const { s3 } = accountClients(sandbox.url, customerAccount);
    const { Uploads = [] } = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: connection.bucket }),
    );
    assert.deepEqual(Uploads, []);
  });

  it("says that it is the operator's turn when its own credentials are refused", async () => {
    const { connection } = newConnection();

    const report = await checkConnection(connection, {
      operator,
      credentials: async () => ({ accessKeyId: 'AKIAUNKNOWN000000000', secretAccessKey: 'x' }),
      region: 'us-east-1',
      endpoint: sandbox.url,
    });

    assert.equal(stepOf(report, 'operator.identity')?.side, 'operator');
    assert.equal(report.outcome, 'failing');
    assert.ok(!JSON.stringify(report).includes('AKIAUNKNOWN000000000'));
  });

  it('proves nothing by a refusal that is not about access', async () => {
    const { connection, guide } = newConnection();
    const open = structuredClone(guide.trustPolicy) as { Statement: { Condition?: object }[] };
    for (const statement of open.Statement) delete statement.Condition;
    await setUp(sandbox, guide, { trustPolicy: open });
    // The first assumption passes; the two that must be refused are only throttled.
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({
        operation: 'AssumeRole',
        skip: 1,
        effect: { type: 'fail_before', status: 400, code: 'Throttling' },
      }),
    });

    await assert.rejects(check(connection), (error) =>
      CausewayError.is(error, 'store_unavailable'),
    );

    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    assert.equal((await check(connection)).outcome, 'insecure');
  });

  it('throws when AWS cannot be reached, which proves nothing about the setup', async () => {
    const { connection } = newConnection();

    await assert.rejects(
      checkConnection(connection, {
        operator,
        credentials: async () => credentials,
        region: 'us-east-1',
        endpoint: 'http://127.0.0.1:9',
      }),
      (error) => CausewayError.is(error, 'store_unavailable'),
    );
  });
});
