import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import {
  AccessDetails,
  type CheckReport,
  type ConnectionBy,
  type Customer,
  ManagedBucketPreview,
  type Page,
} from '@causeway/contract';
import { accountClients } from '@causeway/sandbox/clients';
import pg from 'pg';
import { jsonLinesLog } from './log.ts';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

let stage: TestStage;
let server: Server;
let customerId: string;

before(async () => {
  stage = await openTestStage();
  const { configuration } = stage;
  server = await startServer({ configuration, log: jsonLinesLog(() => {}), openPage: true });
  ({ id: customerId } = await call<Customer>('POST /v1/customers', {
    name: 'Acme',
    reference: 'acme',
  }));
});
after(async () => {
  await server?.close();
  await stage?.close();
});

const { send, call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

const create = <T>(change: object) =>
  call<T>('POST /v1/connections', {
    customerId,
    capabilities: ['deliver', 'ingest'],
    accountId: '222222222222',
    ...change,
  });

type ByPolicy = ConnectionBy<'bucket_policy'>;
type ByRole = ConnectionBy<'operator_role'>;

describe('managed buckets over HTTP', () => {
  it('are shown as they will be, before anything is made', async () => {
    const wanted = {
      customerId,
      accountId: '222222222222',
      resourceId: 'acme-preview',
      capabilities: ['ingest', 'deliver'],
      access: 'operator_role',
      externalId: 'generated',
    };
    const before = await call<Page<object>>('GET /v1/connections?owner=operator&limit=500');
    const preview = ManagedBucketPreview.parse(
      await call('POST /v1/managed-buckets/preview', wanted),
    );
    const after = await call<Page<object>>('GET /v1/connections?owner=operator&limit=500');
    const draft = await call<ByRole>('POST /v1/connections', wanted);
    const { bucket, externalId } = draft;
    await call(`POST /v1/connections/${draft.id}/provision`, {});

    assert.deepEqual(after, before);
    assert.match(preview.warnings.join(), /nobody can use the bucket in the AWS console/);
    assert.match(
      preview.makes.join(),
      /receipts below "outbound\/_causeway\/receipts\/", and nothing/,
    );
    assert.match(JSON.stringify(preview.role?.permissionsPolicy), /"WriteReceipts"/);
    const without = await call<ManagedBucketPreview>('POST /v1/managed-buckets/preview', {
      ...wanted,
      receipts: false,
    });
    assert.doesNotMatch(JSON.stringify(without), /receipts/i);
    const named = JSON.parse(
      JSON.stringify(preview)
        .replaceAll(preview.bucketName, bucket ?? '')
        .replaceAll('{external ID}', externalId ?? ''),
    );
    const { iam, s3 } = accountClients(stage.sandbox.url, '111111111111');
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket ?? '' }));
    assert.deepEqual(named.bucketPolicy, JSON.parse(Policy ?? ''));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: named.role.name }));
    assert.deepEqual(
      named.role.trustPolicy,
      JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')),
    );
    const details = await call<AccessDetails>(`GET /v1/connections/${draft.id}/access-details`);
    assert.deepEqual(named.customerPolicy, details.customerPolicy.document);
  });

  it('are shown to nobody without a key, and refused as creating them would refuse', async () => {
    const wanted = { customerId, accountId: '222222222222', resourceId: 'acme' };
    const path = '/v1/managed-buckets/preview';
    const open = await fetch(`${server.url}${path}`, { method: 'POST' });

    assert.equal(open.status, 401);
    for (const [change, status] of [
      [{ access: 'role' }, 400],
      [{ access: 'bucket_policy', resourceId: '-' }, 400],
      [{ access: 'bucket_policy', customerId: 'cus_none' }, 404],
      [{ access: 'bucket_policy', accountId: '111111111111' }, 422],
    ] as const) {
      const answer = await send(`POST ${path}`, { ...wanted, ...change });
      assert.equal(answer.status, status, answer.text);
    }
  });

  it('are listed apart from the buckets of customers', async () => {
    const own = await call<{ id: string }>('POST /v1/connections', { customerId });
    const ours = await create<ByPolicy>({ access: 'bucket_policy', resourceId: 'acme-listed' });
    const ids = async (owner: string) =>
      (await call<Page<{ id: string }>>(`GET /v1/connections?owner=${owner}&limit=500`)).items.map(
        ({ id }) => id,
      );

    const [operator, customer] = [await ids('operator'), await ids('customer')];

    assert.ok(operator.includes(ours.id) && !operator.includes(own.id));
    assert.ok(customer.includes(own.id) && !customer.includes(ours.id));
  });

  it('are made, proved, changed, revoked and given back', async () => {
    const draft = await create<ByPolicy>({ access: 'bucket_policy', resourceId: 'acme' });
    const path = `/v1/connections/${draft.id}`;

    const made = await call<ByPolicy>(`POST ${path}/provision`, {});
    assert.ok(made.provisionedAt);
    assert.equal((await call<CheckReport>(`POST ${path}/check`, {})).outcome, 'healthy');

    const changed = await call<ByRole>(`POST ${path}/access`, { access: 'operator_role' });
    assert.equal(changed.roleName, `${draft.bucket}-access`);
    assert.equal(changed.status, 'draft');
    assert.equal((await call<CheckReport>(`POST ${path}/check`, {})).outcome, 'healthy');

    const revoked = await call<ByRole>(`POST ${path}/revoke-access`);
    assert.deepEqual([revoked.status, typeof revoked.revokedAt], ['paused', 'string']);
    const early = await send(`POST ${path}/access`, { access: 'bucket_policy' });
    assert.equal(early.status, 422);

    const back = await call<ByRole>(`POST ${path}/provision`, {});
    assert.deepEqual([back.status, back.revokedAt], ['draft', null]);
    assert.equal((await call<CheckReport>(`POST ${path}/check`, {})).outcome, 'healthy');
  });

  it('take receipts where they were made without, once that is asked for', async () => {
    const place = { resourceId: 'acme-old', receipts: false };
    const draft = await create<ByPolicy>({ access: 'bucket_policy', ...place });
    const path = `/v1/connections/${draft.id}`;
    await call(`POST ${path}/provision`, {});
    const database = new pg.Client({ connectionString: stage.configuration.databaseUrl ?? '' });
    await database.connect();
    // As a version wrote it that knew nothing of receipts.
    const { rowCount } = await database.query(
      `update causeway.connections set details = (details::jsonb - 'receipts')::json
         where id = $1 and details ->> 'receipts' = 'false'`,
      [draft.id],
    );
    await database.end();
    assert.equal(rowCount, 1);
    const check = () => call<CheckReport>(`POST ${path}/check`, {});
    const receiptsOf = async () =>
      (await call<AccessDetails>(`GET ${path}/access-details`)).receipts;
    const sids = async () => {
      const { s3 } = accountClients(stage.sandbox.url, '111111111111');
      const { Policy = '' } = await s3.send(
        new GetBucketPolicyCommand({ Bucket: draft.bucket ?? '' }),
      );
      return JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
    };

    assert.equal((await call<ByPolicy>(`GET ${path}`)).receipts, false);
    assert.equal((await check()).outcome, 'healthy');
    await call(`POST ${path}/provision`, {});
    assert.ok(!(await sids()).includes('CausewayCustomerWriteReceipts'));
    assert.equal(await receiptsOf(), null);

    const changed = await call<ByPolicy>(`POST ${path}/access`, { receipts: true });

    assert.deepEqual([changed.receipts, changed.status], [true, 'active']);
    assert.ok((await sids()).includes('CausewayCustomerWriteReceipts'));
    assert.equal(await receiptsOf(), `s3://${draft.bucket}/outbound/_causeway/receipts/`);
    assert.equal((await check()).outcome, 'healthy');
  });

  it('are explained to the customer with its own values', async () => {
    const role = await create<ByRole>({ access: 'operator_role', resourceId: 'acme-eu' });
    const path = `/v1/connections/${role.id}`;
    const details = AccessDetails.parse(await call(`GET ${path}/access-details`));

    assert.equal(details.role?.arn, role.roleArn);
    assert.equal(
      details.cli.profile,
      `[profile causeway-acme-eu]\nrole_arn = ${role.roleArn}\nsource_profile = default\nregion = us-east-1\n`,
    );
    assert.equal(
      details.console.switchRole?.url,
      `https://signin.aws.amazon.com/switchrole?roleName=${role.roleName}&account=111111111111&displayName=causeway-acme-eu`,
    );
    assert.match(JSON.stringify(details.customerPolicy), /"sts:AssumeRole"/);
    assert.deepEqual(
      details.steps.map(({ needsAdmin }) => needsAdmin),
      [false, true, false, false, false],
    );
  });

  it('say before it is chosen, and after, that an external ID closes the console', async () => {
    const strict = await create<ByRole>({
      access: 'operator_role',
      resourceId: 'acme-strict',
      externalId: 'generated',
      settings: { ownership: 'bucket_owner_full_control' },
    });
    const details = AccessDetails.parse(
      await call(`GET /v1/connections/${strict.id}/access-details`),
    );
    const schema = JSON.stringify(await call('GET /openapi.json'));

    assert.match(schema, /Warning: with one, nobody can switch to the role in the AWS console/);
    assert.equal(details.console.switchRole, null);
    assert.match(details.console.note, /console cannot be used/);
    assert.match(details.cli.profile ?? '', new RegExp(`\nexternal_id = ${strict.externalId}\n`));
    const upload = details.cli.commands.find(({ title }) => title === 'Upload a file');
    assert.match(upload?.command ?? '', / --acl bucket-owner-full-control --profile /);
  });

  it("are not what a customer's own bucket can be made into", async () => {
    const own = await call<{ id: string }>('POST /v1/connections', { customerId });

    const answer = await send(`POST /v1/connections/${own.id}/provision`, {});

    assert.equal(answer.status, 422);
    assert.match(answer.text, /"not_managed"/);
  });

  it('are refused with names that are none, and an external ID without a role', async () => {
    for (const change of [
      { access: 'bucket_policy', resourceId: 'A' },
      { access: 'bucket_policy', resourceId: 'a' },
      { access: 'bucket_policy', resourceId: 'x'.repeat(43) },
      { access: 'bucket_policy', resourceId: 'acme', accountId: '22222222222' },
      { access: 'bucket_policy', resourceId: 'acme', externalId: 'generated' },
      { access: 'operator_role', resourceId: 'acme', externalId: 'cw-my-own' },
    ]) {
      const body = { customerId, accountId: '222222222222', ...change };
      const answer = await send('POST /v1/connections', body);
      assert.equal(answer.status, 400, JSON.stringify(change));
    }
  });
});
