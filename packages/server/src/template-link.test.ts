import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeletePublicAccessBlockCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import type { Connection, Customer, SetupRendering } from '@causeway/contract';
import { accountClients, operatorAccount } from '@causeway/sandbox/clients';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const bucket = 'operator-templates';

let stage: TestStage;
let server: Server;
let customerId: string;
const environment = { ...process.env };
before(async () => {
  stage = await openTestStage();
  // A link is made only where the server speaks to AWS itself: so the SDK, and nothing of
  // Causeway's, is told that AWS is elsewhere.
  process.env['AWS_ENDPOINT_URL'] = stage.sandbox.url;
  const { configuration: given } = stage;
  const configuration = {
    ...given,
    templateBucket: bucket,
    aws: { ...given.aws, endpoint: null },
  };
  server = await startServer({ configuration, log: () => {}, worker: false });
  const customer = { name: 'Acme', reference: 'acme' };
  ({ id: customerId } = await call<Customer>('POST /v1/customers', customer));
});
after(async () => {
  delete process.env['AWS_ENDPOINT_URL'];
  Object.assign(process.env, environment);
  await server?.close();
  await stage?.close();
});

const { call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

let made = 0;

async function newConnection(change: object = {}): Promise<Connection> {
  const location = `s3://acme-stacks-${++made}/causeway/`;
  const place = { location, accountId: '222222222222' };
  return call('POST /v1/connections', { customerId, ...place, ...change });
}

const render = ({ id }: Connection) =>
  call<SetupRendering>(`GET /v1/connections/${id}/setup-guide/cloudformation`);
const ofAccount = (account: string) => accountClients(stage.sandbox.url, account).s3;
const published = async () => {
  const found = await ofAccount(operatorAccount).send(new ListObjectsV2Command({ Bucket: bucket }));
  return (found.Contents ?? []).map(({ Key }) => Key);
};

/** The template's part of a link, and everything that the link fills in. */
function readLink(rendering: SetupRendering) {
  const url = new URL(rendering.launchUrl ?? 'none:');
  const query = new URLSearchParams(url.hash.slice('#/stacks/create/review?'.length));
  return { url, query, template: new URL(query.get('templateURL') ?? 'none:') };
}

/** As CloudFormation does for an administrator of the customer: S3 has nobody to ask for. */
const fetchTemplate = (template: URL) =>
  fetch(`${stage.sandbox.url}/${bucket}${template.pathname}`);

describe('the link that opens CloudFormation', () => {
  const unusable: [what: string, code: string, prepare: () => Promise<unknown>][] = [
    ['there is no bucket for templates', 'NoSuchBucket', async () => {}],
    [
      'somebody else has a bucket of that name',
      'AccessDenied',
      () => ofAccount('333333333333').send(new CreateBucketCommand({ Bucket: bucket })),
    ],
  ];
  for (const [what, code, prepare] of unusable) {
    it(`is left out when ${what}, and the template is there all the same`, async () => {
      await prepare();

      const rendering = await render(await newConnection());

      assert.equal(rendering.launchUrl, null);
      assert.match(rendering.content, /"AWSTemplateFormatVersion": "2010-09-09"/);
      const note = rendering.notes.find((each) => each.includes(bucket)) ?? '';
      assert.match(note, new RegExp(`could not be put .*\\(${code}\\): .*Upload a template file`));
    });
  }

  it('names a template in the bucket of the operator, and fills in the rest', async () => {
    await ofAccount('333333333333').send(new DeleteBucketCommand({ Bucket: bucket }));
    const s3 = ofAccount(operatorAccount);
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const connection = await newConnection();

    const rendering = await render(connection);

    const { url, query, template } = readLink(rendering);
    assert.equal(
      `${url.origin}${url.pathname}${url.search}`,
      'https://console.aws.amazon.com/cloudformation/home?region=us-east-1',
    );
    assert.match(url.hash, /^#\/stacks\/create\/review\?/);
    assert.equal(template.origin, `https://${bucket}.s3.us-east-1.amazonaws.com`);
    assert.match(template.pathname, /^\/causeway\/role-[0-9a-f]{16}\.template\.json$/);
    assert.equal(query.get('param_BucketName'), connection.bucket);
    assert.equal(query.get('param_Prefix'), 'causeway/');
    assert.ok(connection.access === 'role');
    assert.equal(query.get('param_ExternalId'), connection.externalId);
    assert.equal(query.get('param_RoleName'), connection.roleName);
  });

  it('leads to a template that everybody may read once the bucket says so, and that tells nothing of a customer', async () => {
    const rendering = await render(await newConnection());
    const { query, template } = readLink(rendering);
    assert.equal((await fetchTemplate(template)).status, 403);
    const s3 = ofAccount(operatorAccount);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${bucket}/causeway/*`,
      },
    });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));

    const answer = await fetchTemplate(template);

    assert.equal(answer.headers.get('content-type'), 'application/json');
    const text = await answer.text();
    const { Parameters, Resources } = JSON.parse(text) as Template;
    const filled = JSON.parse(rendering.content) as Template;
    assert.deepEqual(Resources, filled.Resources);
    for (const [name, { Default, AllowedPattern = '' }] of Object.entries(Parameters)) {
      const value = query.get(`param_${name}`) ?? Default ?? 'none';
      assert.match(value, new RegExp(AllowedPattern), name);
      assert.equal(filled.Parameters[name]?.Default, value, name);
    }
    assert.doesNotMatch(text, /222222222222|acme-stacks|cw-/);
  });

  it('is of one template for all connections of a kind, which is never written again', async () => {
    const before = await published();

    const links = await Promise.all([render(await newConnection()), render(await newConnection())]);
    const key = await render(await newConnection({ access: 'access_key' }));

    const [one, two] = links.map((each) => readLink(each).template.href);
    assert.equal(one, two);
    assert.deepEqual(before, [new URL(one ?? '').pathname.slice(1)]);
    const ofKeys = readLink(key).template.pathname.slice(1);
    assert.match(ofKeys, /^causeway\/access_key-/);
    assert.deepEqual(await published(), [ofKeys, ...before]);
  });
});

interface Template {
  readonly Parameters: Record<
    string,
    { readonly Default?: string; readonly AllowedPattern?: string }
  >;
  readonly Resources: object;
}
