import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  type CheckReport,
  type ConnectionBy,
  type Customer,
  type CustomerImport,
  ErrorBody,
  type Event,
  guideDocument,
  type Page,
  type SetupGuide,
} from '@causeway/contract';
import { accountClients } from '@causeway/sandbox/clients';
import { jsonLinesLog } from './log.ts';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

let stage: TestStage;
let server: Server;
before(async () => {
  stage = await openTestStage();
  const { configuration } = stage;
  server = await startServer({ configuration, log: jsonLinesLog(() => {}), openPage: true });
});
after(async () => {
  await server?.close();
  await stage?.close();
});

function send(line: string, body?: string, type = 'application/json'): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  return fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.firstApiKey}`,
      ...(body !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body }),
  });
}

const sendJson = (line: string, body: unknown) => send(line, JSON.stringify(body));

const { call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

async function refusal(sent: Promise<Response>, code: string) {
  const response = await sent;
  const text = await response.text();
  assert.ok(!response.ok, `it succeeded: ${text}`);
  const { error } = ErrorBody.parse(JSON.parse(text));
  assert.equal(error.code, code, error.message);
  return { ...error, status: response.status };
}

let made = 0;
const newCustomer = (properties: Record<string, string> = {}) => {
  const reference = `ref-${++made}`;
  return call<Customer>('POST /v1/customers', { name: reference, reference, properties });
};

const eventsOf = async (customerId: string): Promise<Event[]> =>
  (await call<Page<Event>>(`GET /v1/events?customerId=${customerId}`)).items.toReversed();

type ByRole = ConnectionBy<'role'>;

describe('PATCH /v1/customers/{id}', () => {
  it('changes what is named, adds properties to those there are, and takes away what is null', async () => {
    const { id, reference, createdAt } = await newCustomer({ plan: 'gold', region: 'eu-west-1' });

    const changed = await call<Customer>(`PATCH /v1/customers/${id}`, {
      name: 'Acme Inc.',
      properties: { plan: null, tier: '1' },
    });

    const expected = { name: 'Acme Inc.', properties: { region: 'eu-west-1', tier: '1' } };
    assert.deepEqual(changed, { id, reference, createdAt, ...expected });
    assert.deepEqual(await call(`GET /v1/customers/${id}`), changed);
  });

  it('tells of it once, by what is different, however often it is sent', async () => {
    const { id } = await newCustomer({ plan: 'gold', seats: '3' });
    for (const _ of [1, 2, 3]) {
      await call(`PATCH /v1/customers/${id}`, { properties: { plan: 'lead' } });
      await call(`PATCH /v1/customers/${id}`, {});
    }

    const [created, updated, ...others] = await eventsOf(id);

    assert.deepEqual(others, []);
    assert.equal(created?.type, 'customer.created');
    assert.equal(updated?.type, 'customer.updated');
    assert.equal(updated.actor.type, 'api_key');
    assert.deepEqual(updated.before, { properties: { plan: 'gold' } });
    assert.deepEqual(updated.after, { properties: { plan: 'lead' } });
  });

  it('refuses a reference that another customer has, and leaves everything as it was', async () => {
    const [one, other] = [await newCustomer(), await newCustomer()];

    const change = { name: 'X', reference: other.reference };
    const error = await refusal(sendJson(`PATCH /v1/customers/${one.id}`, change), 'conflict');

    assert.equal(error.status, 409);
    assert.match(error.message, new RegExp(`is taken by "${other.id}"`));
    assert.deepEqual(await call(`GET /v1/customers/${one.id}`), one);
  });

  it('refuses what is no change of a customer', async () => {
    const { id } = await newCustomer();
    const patch = (body: object) => sendJson(`PATCH /v1/customers/${id}`, body);

    await refusal(sendJson('PATCH /v1/customers/cus_none', { name: 'X' }), 'not_found');
    for (const body of [
      { name: ' ' },
      { name: null },
      { nickname: 'X' },
      { properties: { a: 1 } },
      { properties: { '': 'x' } },
    ]) {
      await refusal(patch(body), 'invalid_request');
    }
    const error = await refusal(
      patch({ properties: { role_arn: 'arn:aws:iam::222222222222:root' } }),
      'property_not_usable',
    );
    assert.match(error.message, /"role_arn".*it is an account, and not a role in it/);
  });
});

describe('A connection of a customer with properties', () => {
  const properties = {
    role_arn: 'arn:aws:iam::222222222222:role/data/vendors/from-properties',
    bucket_name: 'their-company-data',
    prefix: 'uploads/your-team',
    region: 'eu-central-1',
  };

  it('is filled in from them', async () => {
    const { id: customerId } = await newCustomer(properties);

    const connection = await call<ByRole>('POST /v1/connections', { customerId });

    assert.equal(connection.roleArn, properties.role_arn);
    assert.equal(connection.roleName, 'from-properties');
    assert.equal(connection.existingRole, true);
    assert.equal(connection.accountId, '222222222222');
    assert.equal(connection.bucket, 'their-company-data');
    assert.equal(connection.prefix, 'uploads/your-team/');
    assert.equal(connection.region, 'eu-central-1');
  });

  it('has what was given explicitly, and nothing else when that is asked for', async () => {
    const { id: customerId } = await newCustomer({ ...properties, bucket_name: 'filled-in-1' });
    const roleArn = 'arn:aws:iam::333333333333:role/given';

    const given = await call<ByRole>('POST /v1/connections', {
      customerId,
      location: 's3://given-bucket/',
      region: 'us-west-2',
      roleArn,
    });
    const bare = await call<ByRole>('POST /v1/connections', { customerId, useProperties: false });

    assert.deepEqual(
      [given.bucket, given.prefix, given.region, given.accountId, given.roleArn],
      ['given-bucket', '', 'us-west-2', '333333333333', roleArn],
    );
    assert.deepEqual(
      [bare.bucket, bare.region, bare.accountId, bare.roleArn, bare.existingRole],
      [null, null, null, null, false],
    );
  });

  it('takes the account alone, and never the whole bucket unless that is said', async () => {
    const account = { account_id: '333333333333', bucket_name: 'whole-or-not' };
    const { id: customerId } = await newCustomer(account);

    const { accountId, roleArn, roleName, prefix } = await call<ByRole>('POST /v1/connections', {
      customerId,
    });

    assert.equal(accountId, '333333333333');
    assert.equal(roleArn, `arn:aws:iam::333333333333:role/${roleName}`);
    assert.equal(prefix, 'causeway/');
  });

  it('may be the whole bucket, when a slash says so', async () => {
    const whole = { bucket_name: 'the-whole-bucket', prefix: '/', role_arn: '', plan: 'gold' };
    const { id: customerId } = await newCustomer(whole);

    const connection = await call<ByRole>('POST /v1/connections', { customerId });

    assert.deepEqual([connection.bucket, connection.prefix], ['the-whole-bucket', '']);
    assert.deepEqual([connection.roleArn, connection.existingRole], [null, false]);
  });

  it('is filled in by every access, also when it is made with a setup link', async () => {
    const role_arn = 'arn:aws:iam::222222222222:role/by-setup-link';
    const { id: customerId } = await newCustomer({
      ...properties,
      role_arn,
      account_id: '222222222222',
    });
    const at = (name: string) => ({ customerId, location: `s3://${name}/` });

    const key = await call<ConnectionBy<'access_key'>>('POST /v1/connections', {
      ...at('by-access-key'),
      access: 'access_key',
    });
    const managed = await call<ConnectionBy<'bucket_policy'>>('POST /v1/connections', {
      customerId,
      access: 'bucket_policy',
      resourceId: 'filled',
    });
    const { connectionId } = await call<{ connectionId: string }>('POST /v1/setup-links', {
      connection: at('by-setup-link'),
    });

    assert.deepEqual([key.accountId, key.region], ['222222222222', 'eu-central-1']);
    assert.equal(managed.customerAccountId, '222222222222');
    const linked = await call<ByRole>(`GET /v1/connections/${connectionId}`);
    assert.equal(linked.roleArn, role_arn);
  });

  it('is refused by the name of the property that contradicts what was given', async () => {
    const { id: customerId } = await newCustomer(properties);
    const accountId = '333333333333';

    const error = await refusal(
      sendJson('POST /v1/connections', { customerId, accountId }),
      'property_not_usable',
    );

    assert.match(error.message, /"role_arn".*of account 222222222222, and not of 333333333333/);
  });

  it('of a managed bucket needs an account from somewhere', async () => {
    const { id: customerId } = await newCustomer();
    const body = { customerId, access: 'bucket_policy', resourceId: 'acme' };

    const error = await refusal(sendJson('POST /v1/connections', body), 'invalid_request');

    assert.match(error.message, /"accountId" is missing, and the customer has no property/);
  });

  it('cannot come from a property that is malformed: it is refused as it is written down', async () => {
    const malformed: [property: string, value: string, reason: RegExp][] = [
      ['role_arn', 'arn:aws-cn:iam::222222222222:role/x', /in partition "aws-cn"/],
      ['role_arn', 'arn:aws:iam::111111111111:role/x', /the operator's own account/],
      ['role_arn', 'arn:aws:iam::222222222222:user/x', /a user and not a role/],
      ['account_id', '2222-2222-2222', /not the 12 digits/],
      ['account_id', '111111111111', /the operator's own account/],
      ['bucket_name', 'arn:aws:s3:::acme-data', /is not a bucket name/],
      ['bucket_name', 'acme-data/evil', /more than the name of a bucket/],
      ['bucket_name', '..', /is not a bucket name/],
      ['prefix', 'a/../b', /has the segment "\.\."/],
      ['prefix', 'a/*', /other than letters/],
      ['region', 'eu-west-1.evil.example', /not a region/],
    ];
    for (const [property, value, reason] of malformed) {
      const body = { name: 'X', reference: `bad-${property}`, properties: { [property]: value } };
      const error = await refusal(sendJson('POST /v1/customers', body), 'property_not_usable');
      assert.equal(error.status, 422);
      assert.match(error.message, new RegExp(`property "${property}"`));
      assert.match(error.message, reason);
    }
  });
});

describe('A connection by a role that the customer has already', () => {
  const roleArn = 'arn:aws:iam::222222222222:role/data/exports/Vendor.Access';

  it('leads to a healthy check, whatever the path and name of the role', async () => {
    const { id: customerId } = await newCustomer({ region: 'eu-west-1' });
    const bucket = 'role-with-a-path';
    const connection = await call<ByRole>('POST /v1/connections', {
      customerId,
      location: `s3://${bucket}/in/`,
      roleArn,
    });
    const guide = await call<SetupGuide>(`GET /v1/connections/${connection.id}/setup-guide`);
    const { iam, s3 } = accountClients(stage.sandbox.url, '222222222222');
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const { operation, parameters } of guide.steps) {
      if (operation === 'CreateRole') await iam.send(new CreateRoleCommand(parameters as never));
      if (operation === 'PutRolePolicy') {
        await iam.send(new PutRolePolicyCommand(parameters as never));
      }
    }

    const report = await call<CheckReport>(`POST /v1/connections/${connection.id}/check`);

    assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps, null, 1));
    assert.equal(report.region, 'us-east-1', 'the region of the property was wrong');
    const policy = JSON.stringify(guideDocument(guide, 'bucketPolicy'));
    assert.ok(policy.includes(`"${roleArn}"`), policy);
  });

  it('keeps its path when the account changes', async () => {
    const { id: customerId } = await newCustomer();
    const { id } = await call<ByRole>('POST /v1/connections', {
      customerId,
      roleArn: 'arn:aws:iam::222222222222:role/a/b/moves',
    });

    const moved = await call<ByRole>(`PATCH /v1/connections/${id}`, { accountId: '333333333333' });

    assert.equal(moved.roleArn, 'arn:aws:iam::333333333333:role/a/b/moves');
    assert.equal(moved.existingRole, true);
  });

  it('is refused for everything that is no role of the customer alone', async () => {
    const { id: customerId } = await newCustomer();
    const create = (change: object) => sendJson('POST /v1/connections', { customerId, ...change });
    const refused = [
      'arn:aws:iam::222222222222:root',
      'arn:aws:iam::222222222222:user/jo',
      'arn:aws:sts::222222222222:assumed-role/x/me',
      'arn:aws-us-gov:iam::222222222222:role/x',
      'arn:aws:iam::222222222222:role/x\n',
      'arn:aws:iam::222222222222:role/a/../x',
      '222222222222',
    ];
    for (const each of refused) {
      const error = await refusal(create({ roleArn: each }), 'invalid_role_arn');
      assert.equal(error.status, 422);
    }
    await refusal(create({ roleArn: 'arn:aws:iam::111111111111:role/x' }), 'account_not_allowed');
    await refusal(create({ roleArn, accountId: '333333333333' }), 'invalid_request');
    // Another customer has it, which nobody is told.
    const error = await refusal(create({ roleArn }), 'not_verifiable');
    assert.doesNotMatch(JSON.stringify(error), /cus_|another customer/);
    const { items } = await call<Page<ByRole>>(`GET /v1/connections?customerId=${customerId}`);
    assert.deepEqual(items, []);
  });
});

describe('POST /v1/customers/import', () => {
  const upload = (csv: string, query = '', type = 'text/csv') =>
    send(`POST /v1/customers/import${query}`, csv, type);
  const load = async (csv: string, query = ''): Promise<CustomerImport> => {
    const response = await upload(csv, query);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  const told = ({ lines }: CustomerImport) =>
    lines.map(({ line, reference, outcome, error }) => [
      line,
      reference,
      outcome,
      ...(error ? [error.code] : []),
    ]);
  const customers = async () => {
    const { items } = await call<Page<Customer>>('GET /v1/customers?limit=500');
    return new Map(items.map((customer) => [customer.reference, customer]));
  };
  const file = [
    '\uFEFFreference,name,role_arn,bucket_name,region,prefix,account_id,plan\r\n',
    'imp-1,"Acme, Inc.",arn:aws:iam::222222222222:role/x/acme,imported-acme,us-east-1,in/,,gold\r\n',
    'imp-2,"Globex ""G""\r\nGmbH",,,,,333333333333,\r\n',
    'imp-3,Initech,arn:aws:iam::111111111111:role/x,,,,,\r\n',
    'imp-4,Hooli\r\n',
    'imp-5,,,,,,,\r\n',
    'imp-1,Again,,,,,,\r\n',
    ',No Reference,,,,,,\r\n',
    'imp-6,Zoë 株式会社,,,,,,"two\nlines"\r\n',
  ].join('');

  it('says line by line what it did, and one bad line stops no other', async () => {
    const report = await load(file);

    assert.deepEqual(told(report), [
      [2, 'imp-1', 'created'],
      [3, 'imp-2', 'refused', 'csv_not_readable'],
      [5, 'imp-3', 'refused', 'property_not_usable'],
      [6, 'imp-4', 'refused', 'csv_not_readable'],
      [7, 'imp-5', 'refused', 'invalid_request'],
      [8, 'imp-1', 'refused', 'csv_not_readable'],
      [9, null, 'refused', 'invalid_request'],
      [10, 'imp-6', 'created'],
    ]);
    assert.deepEqual([report.created, report.refused, report.dryRun], [2, 6, false]);
    assert.match(report.lines[1]?.error?.message ?? '', /line 3 .*line break .*quote missing/);
    assert.match(report.lines[4]?.error?.message ?? '', /"name" is missing, and there is no such/);
    assert.match(report.lines[5]?.error?.message ?? '', /line 2 is about reference "imp-1"/);
    const all = await customers();
    assert.deepEqual([...all.keys()].filter((key) => key.startsWith('imp-')).sort(), [
      'imp-1',
      'imp-6',
    ]);
    assert.equal(all.get('imp-1')?.name, 'Acme, Inc.');
    assert.deepEqual(all.get('imp-1')?.properties, {
      role_arn: 'arn:aws:iam::222222222222:role/x/acme',
      bucket_name: 'imported-acme',
      region: 'us-east-1',
      prefix: 'in/',
      plan: 'gold',
    });
    assert.deepEqual(all.get('imp-6')?.properties, { plan: 'two\nlines' });
  });

  it('changes nothing when it is repeated, and tells of nothing', async () => {
    const csv = 'reference,name,plan\nrep-1,One,a\nrep-2,Two,\n';
    await load(csv);
    const before = await customers();

    const again = await load(csv);

    assert.deepEqual(told(again), [
      [2, 'rep-1', 'unchanged'],
      [3, 'rep-2', 'unchanged'],
    ]);
    assert.equal(again.lines[0]?.customerId, before.get('rep-1')?.id);
    assert.deepEqual(await customers(), before);
    assert.equal((await eventsOf(before.get('rep-1')?.id ?? '')).length, 1);
  });

  it('changes by reference what the file says, and leaves what it does not', async () => {
    await load('reference,name,plan,seats\nupd-1,Old,gold,3\n');

    const report = await load('plan,reference\nlead,upd-1\n');
    const empty = await load('reference,name,plan,seats\nupd-1,,,\n');

    assert.deepEqual([report.updated, empty.unchanged], [1, 1]);
    const { name, properties } = (await customers()).get('upd-1') ?? {};
    assert.deepEqual([name, properties], ['Old', { plan: 'lead', seats: '3' }]);
  });

  it('keeps nothing in a dry run, and says the same', async () => {
    await load('reference,name\ndry-0,Zero\n');
    const before = await customers();
    const csv = 'reference,name,plan\ndry-0,Other,a\ndry-1,One,a\ndry-2,,a\n';

    const dry = await load(csv, '?dryRun=true');
    assert.deepEqual(await customers(), before);
    const real = await load(csv, '?dryRun=false');

    assert.equal(dry.dryRun, true);
    assert.deepEqual(told(dry), told(real));
    assert.deepEqual(
      dry.lines.map(({ customerId }) => customerId),
      [before.get('dry-0')?.id, null, null],
    );
  });

  it('imports the same customers in different orders side by side', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `par-${i},Customer ${i}`);
    const csv = (rows: string[], plan: string) =>
      ['reference,name,plan', ...rows.map((row) => `${row},${plan}`)].join('\n');

    const reports = await Promise.all([
      load(csv(lines, 'a')),
      load(csv(lines.toReversed(), 'b')),
      load(csv(lines, 'c')),
    ]);

    assert.equal(
      reports.reduce((sum, { created }) => sum + created, 0),
      40,
    );
    for (const { refused } of reports) assert.equal(refused, 0);
  });

  it('makes customers whose connections need nothing more', async () => {
    await load(
      'reference,name,role_arn,bucket_name\nfill-1,Fill,arn:aws:iam::333333333333:role/v/r,fill-bucket\n',
    );
    const customerId = (await customers()).get('fill-1')?.id;

    const connection = await call<ByRole>('POST /v1/connections', { customerId });

    assert.equal(connection.roleArn, 'arn:aws:iam::333333333333:role/v/r');
    assert.equal(connection.bucket, 'fill-bucket');
  });

  it('refuses a whole file only when its columns cannot be told', async () => {
    const files: [csv: string, reason: RegExp][] = [
      ['', /line 1 .*the file is empty/],
      ['\r\n\r\n', /the file is empty/],
      ['name,plan\nAcme,gold\n', /no column "reference", but "name", "plan"/],
      ['reference;name\na;b\n', /no column "reference", but "reference;name"/],
      ['reference,name,name\n', /two columns "name"/],
      ['reference,,name\n', /column 2 has no name/],
      ['reference,Role ARN\n', /write column "Role ARN" as "role_arn"/],
      ['reference, name\n', /write column " name" as "name"/],
      ['"reference,name\na,b\n', /a quote that is never closed/],
    ];
    for (const [csv, reason] of files) {
      const error = await refusal(upload(csv), 'csv_not_readable');
      assert.match(error.message, reason);
    }
    const latin = Buffer.from('reference,name\na,Zo\u00eb\n', 'latin1');
    const { url, firstApiKey } = server;
    const sent = fetch(`${url}/v1/customers/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${firstApiKey}`, 'content-type': 'text/csv' },
      body: latin,
    });
    assert.match((await refusal(sent, 'csv_not_readable')).message, /not in UTF-8/);
  });

  it('refuses lines with what no text may have', async () => {
    const report = await load(
      `reference,name,note\nnul-1,A\u0000B,x\nnul-2,${'n'.repeat(201)},x\nnul-3,C,${'p'.repeat(2001)}\nnul-4,"D"x,y\nnul-5,E,"z\n`,
    );

    assert.deepEqual(told(report), [
      [2, 'nul-1', 'refused', 'invalid_request'],
      [3, 'nul-2', 'refused', 'invalid_request'],
      [4, 'nul-3', 'refused', 'invalid_request'],
      [5, 'nul-4', 'refused', 'csv_not_readable'],
      [6, 'nul-5', 'refused', 'csv_not_readable'],
    ]);
  });

  it('has limits', async () => {
    const lines = (count: number) =>
      `reference\n${Array.from({ length: count }, (_, i) => `l-${i}\n`).join('')}`;

    const many = await refusal(upload(lines(5_001)), 'too_many_lines');
    const large = await refusal(upload(`reference\n${'x'.repeat(1_048_576)}`), 'body_too_large');

    assert.deepEqual([many.status, large.status], [413, 413]);
    assert.deepEqual(many.details, { limit: 5000, found: 5001 });
  });

  it('takes CSV in UTF-8 only, and needs a key', async () => {
    for (const type of ['application/json', 'text/plain', 'text/csv; charset=utf-16']) {
      const error = await refusal(upload('{}', '', type), 'media_type_not_supported');
      assert.match(error.hint, /"Content-Type: text\/csv"/);
    }
    const elsewhere = await refusal(
      send('POST /v1/customers', 'reference\n', 'text/csv'),
      'media_type_not_supported',
    );
    assert.match(elsewhere.hint, /application\/json/);
    await refusal(send('POST /v1/customers/import'), 'invalid_request');
    await refusal(upload('reference\n', '?dryRun=yes'), 'invalid_request');
    await refusal(
      fetch(`${server.url}/v1/customers/import`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: 'reference\n',
      }),
      'unauthorized',
    );
    assert.equal((await upload('reference\n', '', 'text/csv; charset="UTF-8"')).status, 200);
  });
});
