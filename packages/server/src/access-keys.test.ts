import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateUserCommand,
  DeleteAccessKeyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import {
  type CausewayError,
  type CheckReport,
  type ConnectionBy,
  type Customer,
  type Event,
  guideDocument,
  guideValue,
  type SecretKeys,
  type SecretRotation,
  type SetupGuide,
} from '@causeway/contract';
import { rootCredentials } from '@causeway/sandbox';
import {
  type AccessKey,
  accountClients,
  createAccessKey,
  createUser,
} from '@causeway/sandbox/clients';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const acme = '222222222222';
type KeyConnection = ConnectionBy<'access_key'>;

let stage: TestStage;
let server: Server;

before(async () => {
  stage = await openTestStage();
  const allowedEndpoints = [stage.sandbox.url];
  const configuration = { ...stage.configuration, allowedEndpoints };
  server = await startServer({ configuration, log: () => {}, worker: false });
});
after(async () => {
  await server?.close();
  await stage?.close();
});

const { send, call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));

async function refused(line: string, body?: unknown): Promise<CausewayError> {
  const { ok, text } = await send(line, body);
  assert.ok(!ok, `${line} succeeded: ${text}`);
  return JSON.parse(text).error;
}

let made = 0;

async function newConnection(change: object = {}): Promise<KeyConnection> {
  const reference = `keys-${++made}`;
  const { id: customerId } = await call<Customer>('POST /v1/customers', {
    name: reference,
    reference,
  });
  return call('POST /v1/connections', {
    customerId,
    access: 'access_key',
    location: `s3://bucket-keys-${made}/causeway/`,
    accountId: acme,
    ...change,
  });
}

/** Bucket and user as the guide says, by the customer's administrator. */
async function setUp({ id }: KeyConnection): Promise<string> {
  const guide = await call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`);
  const { iam, s3 } = accountClients(stage.sandbox.url, acme);
  const UserName = guideValue(guide, 'userName');
  await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
  await createUser(iam, UserName, guideDocument(guide, 'permissionsPolicy'));
  return UserName;
}

const newKey = (userName: string) =>
  createAccessKey(accountClients(stage.sandbox.url, acme).iam, userName);

const keysOf = (id: string) => `/v1/connections/${id}/access-keys`;
const add = (id: string, pair: object) => call<KeyConnection>(`POST ${keysOf(id)}`, pair);
const check = (id: string) => call<CheckReport>(`POST /v1/connections/${id}/check`, {});
const stepOf = (report: CheckReport, id: string) => report.steps.find((step) => step.id === id);

describe('access keys', () => {
  it('lead from nothing to healthy, with nothing of the secret in any answer', async () => {
    const connection = await newConnection();
    const pair = await newKey(await setUp(connection));

    const added = await add(connection.id, {
      accessKeyId: `  ${pair.accessKeyId}\n`,
      secretAccessKey: `\t${pair.secretAccessKey} `,
    });
    const report = await check(connection.id);

    const [key] = added.accessKeys;
    assert.equal(added.accessKeys.length, 1);
    assert.equal(key?.lastFour, pair.accessKeyId.slice(-4));
    assert.equal(key?.current, true);
    assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps, null, 1));
    assert.equal(stepOf(report, 'key.kind')?.verdict, 'passed');
    assert.equal(stepOf(report, 'scope')?.verdict, 'passed');
    const shown = JSON.stringify([
      added,
      report,
      await call(`GET /v1/connections/${connection.id}`),
    ]);
    assert.ok(!shown.includes(pair.secretAccessKey));
    assert.ok(!shown.includes(pair.accessKeyId));
  });

  it('learn the account from the key when it was not given', async () => {
    const connection = await newConnection({ accountId: undefined });
    const { iam } = accountClients(stage.sandbox.url, acme);
    await iam.send(new CreateUserCommand({ UserName: connection.userName }));

    const added = await add(connection.id, await newKey(connection.userName));

    assert.equal(added.accountId, acme);
    assert.equal(added.accountConfirmed, true);
  });

  it('are replaced one by one: the new is used only once it has proved to work', async () => {
    const connection = await newConnection();
    const user = await setUp(connection);
    const { id } = connection;
    const first = await newKey(user);
    await add(id, first);
    await check(id);
    const second = await newKey(user);
    const both = await add(id, second);
    const [one, two] = both.accessKeys;
    assert.ok(one && two);
    assert.deepEqual([one.current, two.current, both.status], [true, false, 'active']);
    assert.match(
      (await refused(`POST ${keysOf(id)}`, second)).message,
      /has 2 already|has it already/,
    );

    // A key that does not work yet is not taken.
    const { iam } = accountClients(stage.sandbox.url, acme);
    const status = (Status: 'Active' | 'Inactive') =>
      iam.send(
        new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: second.accessKeyId, Status }),
      );
    await status('Inactive');
    const failure = await refused(`POST ${keysOf(id)}/${two.id}/use`);
    assert.equal(failure.code, 'access_key_refused');
    assert.match(failure.message, /The access key works/);
    assert.equal((await call<KeyConnection>(`GET /v1/connections/${id}`)).status, 'active');
    assert.match((await refused(`DELETE ${keysOf(id)}/${one.id}`)).message, /it is in use/);

    await status('Active');
    const tried = await call<CheckReport>(`POST ${keysOf(id)}/${two.id}/check`);
    assert.equal(tried.outcome, 'healthy');
    const used = await call<KeyConnection>(`POST ${keysOf(id)}/${two.id}/use`);
    assert.deepEqual(
      used.accessKeys.map(({ current }) => current),
      [false, true],
    );
    assert.equal(used.status, 'active');

    await iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: first.accessKeyId }));
    const left = await call<KeyConnection>(`DELETE ${keysOf(id)}/${one.id}`);
    assert.deepEqual(
      left.accessKeys.map((key) => key.id),
      [two.id],
    );
    assert.equal((await check(id)).outcome, 'healthy');
    const { items } = await call<{ items: Event[] }>(`GET /v1/events?connectionId=${id}`);
    const told = items.map(({ type }) => type).filter((type) => type.startsWith('access_key.'));
    assert.deepEqual(told.toReversed(), [
      'access_key.added',
      'access_key.added',
      'access_key.used',
      'access_key.removed',
    ]);
  });

  it('make a draft of the connection when the last is forgotten', async () => {
    const connection = await newConnection();
    const { accessKeys } = await add(connection.id, await newKey(await setUp(connection)));
    await check(connection.id);

    const left = await call<KeyConnection>(`DELETE ${keysOf(connection.id)}/${accessKeys[0]?.id}`);
    const report = await check(connection.id);

    assert.deepEqual([left.status, left.accessKeys], ['draft', []]);
    assert.equal(stepOf(report, 'key.valid')?.cause, 'access_key_missing');
  });

  describe('are refused, and nothing is kept', () => {
    let connection: KeyConnection;
    let pair: AccessKey;
    before(async () => {
      connection = await newConnection();
      pair = await newKey(await setUp(connection));
    });
    after(async () => {
      const { accessKeys } = await call<KeyConnection>(`GET /v1/connections/${connection.id}`);
      assert.deepEqual(accessKeys, []);
    });
    const attempt = async (input: object) => {
      const error = await refused(`POST ${keysOf(connection.id)}`, input);
      assert.ok(!JSON.stringify(error).includes(pair.secretAccessKey));
      return error;
    };

    it('with the secret of another', async () => {
      const { message } = await attempt({ ...pair, secretAccessKey: `${pair.secretAccessKey}x` });
      assert.match(message, /the secret does not belong to it/);
    });

    it('when AWS does not know them', async () => {
      const { message } = await attempt({ ...pair, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
      assert.match(message, /mistyped, inactive or deleted/);
    });

    it('of the root user', async () => {
      const { message } = await attempt(rootCredentials(acme));
      assert.match(message, /root user/);
    });

    it('of another account', async () => {
      const { iam } = accountClients(stage.sandbox.url, '333333333333');
      await iam.send(new CreateUserCommand({ UserName: 'stranger' }));
      const { message } = await attempt(await createAccessKey(iam, 'stranger'));
      assert.match(message, /belongs to account 333333333333, and not to 222222222222/);
    });

    it("of the operator's own account", async () => {
      const { credentials } = stage.configuration.aws;
      const { code } = await attempt(credentials ?? {});
      assert.equal(code, 'account_not_allowed');
    });

    it('when they are temporary, with the reason', async () => {
      const endpoint = stage.sandbox.url;
      // The SDK writes into what it is given.
      const sts = new STSClient({ endpoint, region: 'us-east-1', credentials: { ...pair } });
      const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
      const temporary = {
        accessKeyId: Credentials?.AccessKeyId,
        secretAccessKey: Credentials?.SecretAccessKey,
      };
      for (const input of [temporary, { ...temporary, sessionToken: Credentials?.SessionToken }]) {
        assert.match((await attempt(input)).message, /temporary key/);
      }
      sts.destroy();
    });

    it('when they look like something else', async () => {
      assert.match(
        (await attempt({ ...pair, accessKeyId: 'wJalrXUtnFEMI' })).message,
        /begins with/,
      );
      for (const fault of ['', 'with space', 'line\nbreak', 'ключ']) {
        const { code } = await attempt({ ...pair, secretAccessKey: fault });
        assert.equal(code, 'invalid_request');
      }
    });

    it('for connections by anything else', async () => {
      const { customerId } = connection;
      const location = 's3://another-bucket/';
      const role = await call<{ id: string }>('POST /v1/connections', { customerId, location });
      const { code } = await refused(`POST ${keysOf(role.id)}`, pair);
      assert.equal(code, 'change_not_possible');
    });
  });

  it('name what is wrong with a key that worked before', async () => {
    const connection = await newConnection();
    const user = await setUp(connection);
    const pair = await newKey(user);
    await add(connection.id, pair);
    await check(connection.id);
    const { iam } = accountClients(stage.sandbox.url, acme);
    await iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: pair.accessKeyId }));

    const step = stepOf(await check(connection.id), 'key.valid');

    assert.equal(step?.cause, 'access_key_unknown');
    assert.deepEqual(
      step.causes?.map(({ code }) => code),
      ['access_key_unknown', 'not_spread_yet'],
    );
    assert.match(step.fix?.text ?? '', /exists and is active/);
    const { status } = await call<KeyConnection>(`GET /v1/connections/${connection.id}`);
    assert.equal(status, 'revoked');
  });
});

describe('endpoints of other stores', () => {
  it('are refused unless the operator lists them', async () => {
    for (const endpoint of [
      'https://s3.example.com',
      'http://169.254.169.254',
      'http://localhost:1',
    ]) {
      const error = await refused('POST /v1/connections', {
        customerId: (await newConnection()).customerId,
        access: 'access_key',
        location: 's3://some-bucket/',
        endpoint,
      });
      assert.equal(error.code, 'endpoint_not_allowed', endpoint);
    }
  });

  it('are checked for what they do of what AWS does, and keep no trace of it', async () => {
    const connection = await newConnection({
      accountId: undefined,
      endpoint: stage.sandbox.url,
      capabilities: ['browse'],
    });
    const { iam, s3 } = accountClients(stage.sandbox.url, acme);
    await s3.send(new CreateBucketCommand({ Bucket: connection.bucket ?? '' }));
    await createUser(iam, connection.userName, {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
    });
    await add(connection.id, await newKey(connection.userName));

    const report = await check(connection.id);

    assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps, null, 1));
    assert.deepEqual(report.storeCapabilities, {
      conditionalComplete: true,
      checksums: true,
      // Without an account there is nobody to expect.
      expectedBucketOwner: false,
      namesGoneUploads: true,
    });
    assert.match(stepOf(report, 'store.capabilities')?.notes?.join() ?? '', /owner of a bucket/);
    assert.equal(stepOf(report, 'key.kind'), undefined);
    const { KeyCount } = await s3.send(
      new ListObjectsV2Command({ Bucket: connection.bucket ?? '' }),
    );
    assert.equal(KeyCount, 0);
  });

  it('say that a bucket is not there once the key has asked, not before', async () => {
    const connection = await newConnection({ accountId: undefined, endpoint: stage.sandbox.url });
    const { iam } = accountClients(stage.sandbox.url, acme);
    await iam.send(new CreateUserCommand({ UserName: connection.userName }));
    await add(connection.id, await newKey(connection.userName));

    const report = await check(connection.id);

    assert.equal(stepOf(report, 'bucket.region')?.verdict, 'warned');
    assert.equal(stepOf(report, 'bucket.owner')?.cause, 'bucket_not_found');
    assert.equal(stepOf(report, 'bucket.owner')?.verdict, 'failed');
  });
});

describe('/v1/secrets', () => {
  it('says which key encrypts how many secrets, and rotates', async () => {
    const { keys } = await call<SecretKeys>('GET /v1/secrets');
    assert.equal(keys.length, 1);
    assert.ok((keys[0]?.secrets ?? 0) > 0 && keys[0]?.newest);

    const rotation = await call<SecretRotation>('POST /v1/secrets/rotate');

    assert.deepEqual([rotation.rewrapped, rotation.remaining], [0, 0]);
    assert.deepEqual(rotation.keys, keys);
  });
});
