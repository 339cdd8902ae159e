import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  CausewayError,
  type CheckReport,
  type ConnectionBy,
  type Customer,
  guideDocument,
  guideValue,
  type SecretKeys,
  type SecretRotation,
  type SetupGuide,
} from '@causeway/contract';
import { rootCredentials } from '@causeway/sandbox';
import {
  accountClients,
  createAccessKey,
  createUser,
  operatorAccount,
} from '@causeway/sandbox/clients';
import { fileExists } from './make-file.ts';
import { ownKeyFile } from './open-secrets.ts';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { injectFault } from './testing/inject-fault.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const acme = '222222222222';

let stage: TestStage;
let kms: KMSClient;
let server: Server | null = null;
let apiKey = '';
let first = '';
let second = '';
before(async () => {
  stage = await openTestStage();
  kms = new KMSClient({
    endpoint: stage.sandbox.url,
    region: 'us-east-1',
    credentials: rootCredentials(operatorAccount),
  });
  first = await newKey();
  second = await newKey();
});
after(async () => {
  await server?.close();
  kms.destroy();
  await stage?.close();
});

async function newKey(): Promise<string> {
  return (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
}

/** What the operator's user may do with its keys, in place of what it might before. */
async function allow(grants: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const { iam } = accountClients(stage.sandbox.url, operatorAccount);
  const Statement = Object.entries(grants).map(([Resource, Action]) => ({
    Effect: 'Allow',
    Action,
    Resource,
  }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'causeway', PolicyName: 'secrets', PolicyDocument }),
  );
}

const use = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** Starts it anew, as after a change of its configuration. */
async function restart(kmsKey: string): Promise<void> {
  await server?.close();
  server = null;
  const configuration = { ...stage.configuration, secrets: { keyFile: null, kmsKey } };
  server = await startServer({ configuration, log: () => {}, worker: false });
  apiKey = server.firstApiKey ?? apiKey;
}

const { send, call } = apiOf(() => ({ url: server?.url ?? '', apiKey }));

const outcomeOf = async (id: string) =>
  (await call<CheckReport>(`POST /v1/connections/${id}/check`, {})).outcome;

/** A connection by access key, set up by the customer's administrator. */
async function newConnection(): Promise<string> {
  const customer = { name: 'Acme', reference: 'acme' };
  const { id: customerId } = await call<Customer>('POST /v1/customers', customer);
  const { id, userName } = await call<ConnectionBy<'access_key'>>('POST /v1/connections', {
    customerId,
    access: 'access_key',
    location: 's3://bucket-kms-secrets/causeway/',
    accountId: acme,
  });
  const guide = await call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`);
  const { iam, s3 } = accountClients(stage.sandbox.url, acme);
  await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
  await createUser(iam, userName, guideDocument(guide, 'permissionsPolicy'));
  await call(`POST /v1/connections/${id}/access-keys`, await createAccessKey(iam, userName));
  return id;
}

describe('a key of KMS for the secrets', () => {
  let connectionId: string;

  it('seals them instead of a key file, and opens them after a restart', async () => {
    await allow({ [first]: use });
    await restart(first);
    connectionId = await newConnection();

    await restart(first);

    assert.equal(await outcomeOf(connectionId), 'healthy');
    const { keys } = await call<SecretKeys>('GET /v1/secrets');
    assert.deepEqual(
      keys.map(({ keyId, newest }) => [keyId, newest]),
      [[`kms:${first}`, true]],
    );
    assert.equal(await fileExists(ownKeyFile(stage.configuration.dataDir)), false);
  });

  it('is followed by another while connections are used', async () => {
    await allow({ [first]: use, [second]: use });
    await restart(second);
    const refusal = await send('POST /v1/secrets/rotate', {});
    assert.match(refusal.text, /store_refused.*kms:Encrypt/);
    assert.equal(await outcomeOf(connectionId), 'healthy');

    await allow({ [first]: use, [second]: [...use, 'kms:Encrypt'] });
    const [rotation, ...outcomes] = await Promise.all([
      call<SecretRotation>('POST /v1/secrets/rotate', {}),
      ...Array.from({ length: 3 }, () => outcomeOf(connectionId)),
    ]);

    assert.deepEqual(outcomes, ['healthy', 'healthy', 'healthy']);
    assert.ok(rotation.rewrapped > 0);
    assert.equal(rotation.remaining, 0);
    await kms.send(new DisableKeyCommand({ KeyId: first }));
    assert.equal(await outcomeOf(connectionId), 'healthy', 'the first key is needed no more');
  });

  it('is proved when the server starts: it does not start with one that cannot be used', async () => {
    const unknown = `${second.slice(0, -4)}0000`;
    const denied = await newKey();
    await allow({ [first]: use, [second]: use, [unknown]: use });
    const cases: [arn: string, reason: RegExp][] = [
      [unknown, /NotFoundException: /],
      [denied, /AccessDeniedException: .*kms:GenerateDataKey/],
      [first, /DisabledException: /],
    ];

    for (const [arn, reason] of cases) {
      await assert.rejects(restart(arn), (error) => {
        assert.ok(CausewayError.is(error, 'configuration_invalid'), String(error));
        assert.ok(error.message.includes(`CAUSEWAY_SECRETS_KMS_KEY "${arn}" cannot be used: `));
        return reason.test(error.message);
      });
    }
  });

  it('does not start either when an earlier key is refused, and says which', async () => {
    const third = await newKey();
    await allow({ [third]: use });

    await assert.rejects(restart(third), (error) => {
      assert.ok(CausewayError.is(error, 'configuration_invalid'), String(error));
      assert.match(error.message, new RegExp(`"kms:${second}" is refused by KMS \\(AccessDenied`));
      return !/another value/.test(error.message);
    });
  });

  it('is no fault of the configuration when KMS gives no answer', async () => {
    await allow({ [second]: use });
    const fault = await injectFault(stage.sandbox.url, {
      operation: 'GenerateDataKey',
      effect: { type: 'fail_before', status: 503, code: 'KMSInternalException' },
    });

    await assert.rejects(restart(second), { code: 'store_unavailable' });
    assert.ok((await fault.remove()) > 1, 'it was tried again');

    await restart(second);
    assert.equal(await outcomeOf(connectionId), 'healthy');
  });
});
