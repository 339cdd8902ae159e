import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { AttachRolePolicyCommand, GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CausewayError, type ManagedConnection } from '@causeway/contract';
import { managedOperatorPolicy } from '@causeway/policy';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, createOperator, operatorAccount } from '@causeway/sandbox/clients';
import { expectedDocuments } from '../check/expected-documents.ts';
import { customerClients } from '../testing/customer-clients.ts';
import { assumeAs, createCustomerUser, type Keys, s3With } from '../testing/customer-user.ts';
import { customerAccount, operator } from '../testing/sample-customer.ts';
import { managedOperator, newManaged } from '../testing/sample-managed.ts';
import { changeAccess } from './change-access.ts';
import { revokeAccess } from './revoke-access.ts';

const stranger = '333333333333';
let sandbox: Sandbox;
let ours: ReturnType<typeof managedOperator>;
let s3: S3Client;
let iam: IAMClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  ours = managedOperator(sandbox.url, await createOperator(sandbox.url));
  ({ s3, iam } = accountClients(sandbox.url, operatorAccount));
});
after(() => sandbox.close());

const customerPolicy = (connection: ManagedConnection) =>
  expectedDocuments(connection, operator)['customerPolicy'] ?? {};

const newUser = (connection: ManagedConnection, accountId = customerAccount): Promise<Keys> =>
  createCustomerUser(sandbox.url, accountId, customerPolicy(connection));

const put = (keys: Keys, connection: ManagedConnection, key: string, more: object = {}) =>
  s3With(sandbox.url, keys).send(
    new PutObjectCommand({ Bucket: connection.bucket, Key: key, Body: 'x', ...more }),
  );

const get = (keys: Keys, connection: ManagedConnection, key: string) =>
  s3With(sandbox.url, keys).send(new GetObjectCommand({ Bucket: connection.bucket, Key: key }));

const remove = (keys: Keys, connection: ManagedConnection, key: string) =>
  s3With(sandbox.url, keys).send(new DeleteObjectCommand({ Bucket: connection.bucket, Key: key }));

/** Whoever of the customer reads what is delivered: a user, or the session of one. */
async function readerOf(made: ManagedConnection): Promise<Keys> {
  const user = await newUser(made);
  return made.access === 'operator_role' ? assumeAs(sandbox.url, user, made.roleArn) : user;
}

const receipt = 'outbound/_causeway/receipts/run_1';
const refused = { name: 'AccessDenied' };

async function policyOf({ bucket: Bucket }: ManagedConnection): Promise<{ Statement: object[] }> {
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  return JSON.parse(Policy);
}

async function putStatement(
  { bucket: Bucket }: ManagedConnection,
  statement: object,
): Promise<void> {
  const found = await policyOf({ bucket: Bucket } as ManagedConnection);
  const Policy = JSON.stringify({ ...found, Statement: [...found.Statement, statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

async function withFault<T>(fault: object, work: () => Promise<T>): Promise<T> {
  const faults = `${sandbox.url}/_sandbox/faults`;
  const answer = await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  assert.equal(answer.status, 201);
  const { id } = (await answer.json()) as { id: string };
  try {
    return await work();
  } finally {
    await fetch(`${faults}/${id}`, { method: 'DELETE' });
  }
}

describe('provisionBucket()', () => {
  it('makes a bucket that is private, encrypted, tidy and owned by the operator', async () => {
    const made = await ours.provision(newManaged('bucket_policy'));

    const where = { Bucket: made.bucket, ExpectedBucketOwner: operatorAccount };
    const [block, ownership, encryption, lifecycle] = await Promise.all([
      s3.send(new GetPublicAccessBlockCommand(where)),
      s3.send(new GetBucketOwnershipControlsCommand(where)),
      s3.send(new GetBucketEncryptionCommand(where)),
      s3.send(new GetBucketLifecycleConfigurationCommand(where)),
    ]);
    assert.match(made.bucket, /^acme-[0-9a-z]{14}$/);
    assert.equal(made.region, 'us-east-1');
    assert.ok(made.provisionedAt);
    assert.deepEqual(Object.values(block.PublicAccessBlockConfiguration ?? {}), [
      true,
      true,
      true,
      true,
    ]);
    assert.equal(ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership, 'BucketOwnerEnforced');
    assert.equal(
      encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
        ?.SSEAlgorithm,
      'AES256',
    );
    assert.equal(lifecycle.Rules?.[0]?.AbortIncompleteMultipartUpload?.DaysAfterInitiation, 7);
    assert.deepEqual(await policyOf(made), expectedDocuments(made, operator)['bucketPolicy']);
  });

  it('finishes what broke off, wherever that was', async () => {
    const calls = [
      'CreateBucket',
      'PutBucketOwnershipControls',
      'PutBucketVersioning',
      'PutBucketLifecycleConfiguration',
      'CreateRole',
      'PutRolePolicy',
      'PutBucketPolicy',
    ];
    for (const operation of calls) {
      const settings = { versioning: true, ownership: 'bucket_owner_full_control' };
      const draft = newManaged('operator_role', { settings });
      const effect = { type: 'fail_after', status: 400, code: 'InvalidRequest' };

      const broken = withFault({ operation, effect, times: 1 }, () => ours.provision(draft));
      // What S3 makes from the start needs no second call.
      await broken.catch((error) => assert.equal(error.code, 'store_refused', error));
      const made = await ours.provision(draft);

      assert.equal(made.bucket, draft.bucket, operation);
      assert.deepEqual(await policyOf(made), expectedDocuments(made, operator)['bucketPolicy']);
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: made.bucket }));
      assert.equal(Status, 'Enabled');
      await assumeAs(sandbox.url, await newUser(made), draft.roleArn);
    }
  });

  it('takes another name when a stranger has this one, and never its bucket', async () => {
    const draft = newManaged('operator_role');
    const theirs = accountClients(sandbox.url, stranger).s3;
    await theirs.send(new CreateBucketCommand({ Bucket: draft.bucket }));

    const made = await ours.provision(draft);

    assert.notEqual(made.bucket, draft.bucket);
    assert.ok(made.access === 'operator_role');
    assert.equal(made.roleName, `${made.bucket}-access`);
    assert.equal(made.bucketArn, `arn:aws:s3:::${made.bucket}`);
    await assert.rejects(theirs.send(new GetBucketPolicyCommand({ Bucket: draft.bucket })), {
      name: 'NoSuchBucketPolicy',
    });
  });

  it('does not take another name once the customer knows this one', async () => {
    const draft = newManaged('bucket_policy');
    await accountClients(sandbox.url, stranger).s3.send(
      new CreateBucketCommand({ Bucket: draft.bucket }),
    );
    const known = { ...draft, provisionedAt: draft.createdAt };

    await assert.rejects(ours.provision(known), { code: 'bucket_not_ours' });
  });

  it('names the permission that the operator lacks, and lets nobody in', async () => {
    const keys = await createCustomerUser(sandbox.url, operatorAccount, {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 's3:CreateBucket', Resource: '*' },
    });
    const draft = newManaged('bucket_policy');

    await assert.rejects(managedOperator(sandbox.url, keys).provision(draft), (error) => {
      assert.ok(CausewayError.is(error, 'access_denied'));
      assert.match(error.message, /s3:\w+ on "acme-/);
      return true;
    });
  });

  it('puts back settings and statements, and keeps what others have added', async () => {
    const made = await ours.provision(newManaged('bucket_policy'));
    const Bucket = made.bucket;
    const theirRule = {
      ID: 'Archive',
      Status: 'Enabled' as const,
      Filter: { Prefix: 'inbound/' },
      Expiration: { Days: 400 },
    };
    const theirs = {
      Sid: 'Auditors',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${operatorAccount}:root` },
      Action: 's3:ListBucket',
      Resource: made.bucketArn,
    };
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
      }),
    );
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: [theirRule] },
      }),
    );
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));

    await ours.provision(made);

    const block = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    const ownership = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.equal(block.PublicAccessBlockConfiguration?.RestrictPublicBuckets, true);
    assert.equal(ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership, 'BucketOwnerEnforced');
    assert.deepEqual(
      Rules?.map(({ ID }) => ID),
      ['Archive', 'CausewayAbortUploads'],
    );
    const expected = expectedDocuments(made, operator)['bucketPolicy'] as { Statement: object[] };
    assert.deepEqual((await policyOf(made)).Statement, [theirs, ...expected.Statement]);
    await ours.provision(made, { bucketPolicy: 'replace' });
    assert.deepEqual(await policyOf(made), expected);
  });
});

describe('a managed bucket by bucket policy', () => {
  it("takes and gives files of the customer's own users, in their folders alone", async () => {
    const made = await ours.provision(newManaged('bucket_policy'));
    const user = await newUser(made);
    await s3.send(
      new PutObjectCommand({ Bucket: made.bucket, Key: 'outbound/flights.csv', Body: 'x' }),
    );

    await put(user, made, 'inbound/orders.csv');
    await get(user, made, 'outbound/flights.csv');

    await assert.rejects(put(user, made, 'outbound/orders.csv'), refused);
    await assert.rejects(put(user, made, 'orders.csv'), refused);
    await assert.rejects(get(user, made, 'inbound/orders.csv'), refused);
    const list = (Prefix: string) =>
      s3With(sandbox.url, user).send(new ListObjectsV2Command({ Bucket: made.bucket, Prefix }));
    assert.equal((await list('outbound/')).KeyCount, 1);
    await assert.rejects(list(''), refused);
  });

  it('copies from a bucket of the customer to ours in one call', async () => {
    const made = await ours.provision(newManaged('bucket_policy'));
    const source = `acme-own-${made.bucket.slice(-6)}`;
    const own = accountClients(sandbox.url, customerAccount).s3;
    await own.send(new CreateBucketCommand({ Bucket: source }));
    await own.send(new PutObjectCommand({ Bucket: source, Key: 'a.csv', Body: 'x' }));
    const { Statement } = customerPolicy(made) as { Statement: object[] };
    const mayRead = {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${source}/*`,
    };
    const user = await createCustomerUser(sandbox.url, customerAccount, {
      Version: '2012-10-17',
      Statement: [...Statement, mayRead],
    });

    await s3With(sandbox.url, user).send(
      new CopyObjectCommand({
        Bucket: made.bucket,
        Key: 'inbound/a.csv',
        CopySource: `${source}/a.csv`,
      }),
    );

    const copied = new GetObjectCommand({ Bucket: made.bucket, Key: 'inbound/a.csv' });
    await s3.send(copied);
  });

  it('refuses users of other accounts, and users whom their own account allows nothing', async () => {
    const made = await ours.provision(newManaged('bucket_policy'));
    const other = await newUser(made, stranger);
    const idle = await createCustomerUser(sandbox.url, customerAccount, {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' },
    });

    await assert.rejects(put(other, made, 'inbound/a.csv'), refused);
    await assert.rejects(put(idle, made, 'inbound/a.csv'), refused);
    const anonymous = await fetch(`${sandbox.url}/${made.bucket}?list-type=2`);
    assert.equal(anonymous.status, 403);
  });

  it('refuses plain HTTP, and takes the same over TLS', async () => {
    const strict = await startSandbox({ port: 0, tlsPort: 0, strictTransport: true });
    try {
      assert.ok(strict.tls);
      const operatorKeys = await createOperator(strict.url);
      const made = await managedOperator(strict.url, operatorKeys).provision(
        newManaged('bucket_policy'),
      );
      const user = await createCustomerUser(strict.url, customerAccount, customerPolicy(made));
      const upload = { Bucket: made.bucket, Key: 'inbound/a.csv', Body: 'x' };
      const httpsAgent = new Agent({ ca: await readFile(strict.tls.authorityFile) });

      const plain = s3With(strict.url, user).send(new PutObjectCommand(upload));
      await assert.rejects(plain, refused);
      const secure = s3With(strict.tls.url, user, { requestHandler: { httpsAgent } });
      await secure.send(new PutObjectCommand(upload));
      httpsAgent.destroy();
    } finally {
      await strict.close();
    }
  });

  it('demands the ACL of every write when that was chosen, and nothing of it otherwise', async () => {
    const settings = { ownership: 'bucket_owner_full_control' };
    const strict = await ours.provision(newManaged('bucket_policy', { settings }));
    const usual = await ours.provision(newManaged('bucket_policy'));
    const acl = { ACL: 'bucket-owner-full-control' };

    const [strictUser, usualUser] = await Promise.all([newUser(strict), newUser(usual)]);
    await assert.rejects(put(strictUser, strict, 'inbound/a.csv'), refused);
    await put(strictUser, strict, 'inbound/a.csv', acl);
    await s3.send(new GetObjectCommand({ Bucket: strict.bucket, Key: 'inbound/a.csv' }));
    await put(usualUser, usual, 'inbound/a.csv');
  });
});

describe('a managed bucket by a role of the operator', () => {
  it("is entered by the customer's users through the role, and by no other way", async () => {
    const made = await ours.provision(newManaged('operator_role'));
    assert.ok(made.access === 'operator_role');
    const user = await newUser(made);

    const session = await assumeAs(sandbox.url, user, made.roleArn);

    await put(session, made, 'inbound/a.csv');
    await assert.rejects(put(session, made, 'outbound/a.csv'), refused);
    await assert.rejects(put(user, made, 'inbound/a.csv'), refused);
    const other = await newUser(made, stranger);
    await assert.rejects(assumeAs(sandbox.url, other, made.roleArn), refused);
  });

  it('demands the external ID when one was chosen', async () => {
    const made = await ours.provision(newManaged('operator_role', { externalId: 'generated' }));
    assert.ok(made.access === 'operator_role' && made.externalId !== null);
    const user = await newUser(made);

    await assumeAs(sandbox.url, user, made.roleArn, made.externalId);

    await assert.rejects(assumeAs(sandbox.url, user, made.roleArn), refused);
    await assert.rejects(assumeAs(sandbox.url, user, made.roleArn, 'cw-other'), refused);
  });
});

describe('receipts in a managed bucket', () => {
  for (const access of ['bucket_policy', 'operator_role'] as const) {
    it(`are written by the customer's reader, who can change nothing else there, by ${access}`, async () => {
      const made = await ours.provision(newManaged(access));
      const manifest = 'outbound/_manifests/flights/dt=2026-11-22/manifest_run_1.json';
      const delivered = [manifest, 'outbound/flights/dt=2026-11-22/run_1_00000.parquet'];
      for (const Key of delivered) {
        await s3.send(new PutObjectCommand({ Bucket: made.bucket, Key, Body: 'ours' }));
      }
      const reader = await readerOf(made);

      await put(reader, made, receipt);

      const read = await s3.send(new GetObjectCommand({ Bucket: made.bucket, Key: receipt }));
      assert.equal(await read.Body?.transformToString(), 'x');
      for (const key of [
        ...delivered,
        'outbound/_causeway/receipts',
        'outbound/_causeway/probe',
        'outbound/_causeway/receipts2/run_1',
        '_causeway/receipts/run_1',
        'files/_causeway/receipts/run_1',
      ]) {
        await assert.rejects(put(reader, made, key), refused, key);
      }
      for (const key of [...delivered, receipt]) {
        await assert.rejects(remove(reader, made, key), refused, key);
      }
      const other = await readerOf(await ours.provision(newManaged(access)));
      await assert.rejects(put(other, made, receipt), refused);
      await assert.rejects(get(other, made, receipt), refused);
      await assert.rejects(put(await newUser(made, stranger), made, receipt), refused);
    });
  }

  it('are not written where that was not chosen, or nothing is delivered', async () => {
    for (const change of [{ receipts: false }, { capabilities: ['ingest'] }]) {
      const made = await ours.provision(newManaged('bucket_policy', change));

      assert.equal(made.receipts, false);
      await assert.rejects(put(await newUser(made), made, receipt), refused);
    }
    const useless = { capabilities: ['ingest'], receipts: true };
    assert.throws(() => newManaged('bucket_policy', useless), { code: 'invalid_request' });
  });

  it('must carry the ACL where every write must, and so can be read by us', async () => {
    const settings = { ownership: 'bucket_owner_full_control' };
    const capabilities = ['deliver'];
    const made = await ours.provision(newManaged('bucket_policy', { settings, capabilities }));
    const reader = await newUser(made);

    await assert.rejects(put(reader, made, receipt), refused);
    await put(reader, made, receipt, { ACL: 'bucket-owner-full-control' });

    await s3.send(new GetObjectCommand({ Bucket: made.bucket, Key: receipt }));
  });

  it('are encrypted with the key of the bucket, and what is delivered is not', async () => {
    const { kms } = customerClients(sandbox.url, operatorAccount);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const { Arn: kmsKeyArn = '', KeyId } = KeyMetadata ?? {};
    const ourRights = (kmsKeyArns: string[]) =>
      createCustomerUser(
        sandbox.url,
        operatorAccount,
        managedOperatorPolicy({ operatorAccountId: operatorAccount, kmsKeyArns }),
      );
    const [we, withoutKey] = [await ourRights([kmsKeyArn]), await ourRights([])];
    for (const access of ['bucket_policy', 'operator_role'] as const) {
      const capabilities = ['deliver'];
      const made = await ours.provision(
        newManaged(access, { capabilities, settings: { kmsKeyArn } }),
      );
      const { keyPolicy } = expectedDocuments(made, operator);
      const Policy = JSON.stringify(keyPolicy);
      await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
      const reader = await readerOf(made);

      await put(reader, made, receipt);

      const found = await get(we, made, receipt);
      assert.equal(await found.Body?.transformToString(), 'x');
      await assert.rejects(get(withoutKey, made, receipt), refused);
      assert.equal(found.ServerSideEncryption, 'aws:kms');
      assert.equal(found.SSEKMSKeyId, kmsKeyArn);
      await get(reader, made, receipt);
      const parts = { Bucket: made.bucket, Key: 'outbound/flights.csv' };
      await assert.rejects(
        s3With(sandbox.url, reader).send(new CreateMultipartUploadCommand(parts)),
        refused,
      );
    }
  });
});

describe('changeAccess()', () => {
  it('lets receipts be written and no more, and the connection goes on as it was', async () => {
    for (const access of ['bucket_policy', 'operator_role'] as const) {
      const fresh = await ours.provision(newManaged(access, { receipts: false }));
      const before = { ...fresh, status: 'active' as const };
      const bound = await readerOf(before);
      await assert.rejects(put(bound, before, receipt), refused);

      const wider = await ours.changeAccess(before, access, { receipts: true });

      assert.deepEqual(wider, { ...before, receipts: true });
      await put(await readerOf(wider), wider, receipt);
      assert.deepEqual(await policyOf(wider), expectedDocuments(wider, operator)['bucketPolicy']);

      const back = await ours.changeAccess(wider, access, { receipts: false });

      assert.deepEqual(back, before);
      assert.deepEqual(await policyOf(back), expectedDocuments(back, operator)['bucketPolicy']);
      await assert.rejects(put(await readerOf(wider), wider, receipt), refused);
    }
  });

  it('finishes a change of receipts that broke off, in either direction', async () => {
    const crash = async () => Promise.reject(new Error('crash'));
    for (const access of ['bucket_policy', 'operator_role'] as const) {
      for (const receipts of [true, false]) {
        const before = await ours.provision(newManaged(access, { receipts: !receipts }));
        const broken = changeAccess(before, { receipts }, { ...ours.deps, save: crash });
        await assert.rejects(broken, /crash/);

        const changed = await ours.changeAccess(before, access, { receipts });

        assert.equal(changed.receipts, receipts);
        const written = put(await readerOf({ ...changed, receipts: true }), changed, receipt);
        await (receipts ? written : assert.rejects(written, refused));
      }
    }
  });

  it('opens the new way and closes the old one, there and back', async () => {
    const first = await ours.provision(newManaged('bucket_policy'));
    const direct = await newUser(first);

    const byRole = await ours.changeAccess(first, 'operator_role', { externalId: 'generated' });

    assert.ok(byRole.access === 'operator_role' && byRole.externalId !== null);
    assert.equal(byRole.status, 'draft');
    const assuming = await newUser(byRole);
    const session = await assumeAs(sandbox.url, assuming, byRole.roleArn, byRole.externalId);
    await put(session, byRole, 'inbound/a.csv');
    await assert.rejects(put(direct, byRole, 'inbound/a.csv'), refused);

    const back = await ours.changeAccess(byRole, 'bucket_policy');

    assert.ok(!('roleName' in back) && !('externalId' in back));
    await put(direct, back, 'inbound/a.csv');
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: byRole.roleName })), {
      name: /NoSuchEntity/,
    });
  });

  it('leaves the customer a way at every moment, and can be finished after a crash', async () => {
    for (const operation of ['PutBucketPolicy', 'PutRolePolicy', 'CreateRole']) {
      const before = await ours.provision(newManaged('bucket_policy'));
      const direct = await newUser(before);
      const effect = { type: 'fail_before', status: 400, code: 'InvalidRequest' };

      await assert.rejects(
        withFault({ operation, effect, times: 1 }, () =>
          ours.changeAccess(before, 'operator_role'),
        ),
        { code: 'store_refused' },
      );

      await put(direct, before, 'inbound/a.csv');
      const changed = await ours.changeAccess(before, 'operator_role');
      assert.ok(changed.access === 'operator_role');
      const session = await assumeAs(sandbox.url, await newUser(changed), changed.roleArn);
      await put(session, changed, 'inbound/b.csv');
    }
  });

  it('refuses when somebody has changed the access by hand', async () => {
    const made = await ours.provision(newManaged('bucket_policy'));
    await putStatement(made, {
      Sid: 'PartnerAccess',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${stranger}:root` },
      Action: 's3:GetObject',
      Resource: `${made.bucketArn}/*`,
    });

    await assert.rejects(ours.changeAccess(made, 'operator_role'), (error) => {
      assert.ok(CausewayError.is(error, 'access_changed_by_hand'));
      assert.deepEqual(error.details.differences, [
        'statement "PartnerAccess" was added to the bucket policy',
      ]);
      return true;
    });
  });

  it('changes the external ID of a role, which closes it to those without', async () => {
    const open = await ours.provision(newManaged('operator_role'));
    assert.ok(open.access === 'operator_role');
    const user = await newUser(open);
    await assumeAs(sandbox.url, user, open.roleArn);

    const closed = await ours.changeAccess(open, 'operator_role', { externalId: 'generated' });

    assert.ok(closed.access === 'operator_role' && closed.externalId !== null);
    await assert.rejects(assumeAs(sandbox.url, user, open.roleArn), refused);
    await assumeAs(sandbox.url, user, open.roleArn, closed.externalId);
  });
});

describe('revokeAccess()', () => {
  it('lets the customer in no more, keeps the data, and can be undone', async () => {
    for (const access of ['bucket_policy', 'operator_role'] as const) {
      const made = await ours.provision(newManaged(access));
      const user = await newUser(made);
      const enter = async () =>
        made.access === 'operator_role' ? assumeAs(sandbox.url, user, made.roleArn) : user;
      const session = await enter();
      await put(session, made, 'inbound/a.csv');

      const revoked = await revokeAccess(made, ours.deps);

      assert.equal(revoked.status, 'paused');
      assert.ok(revoked.revokedAt);
      await assert.rejects(put(session, made, 'inbound/b.csv'));
      await s3.send(new GetObjectCommand({ Bucket: made.bucket, Key: 'inbound/a.csv' }));
      await ours.provision({ ...revoked, revokedAt: null });
      await put(await enter(), made, 'inbound/c.csv');
    }
  });

  it('takes away what others have added too, even to the role', async () => {
    const made = await ours.provision(newManaged('operator_role'));
    assert.ok(made.access === 'operator_role');
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: made.roleName,
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
      }),
    );

    await revokeAccess(made, ours.deps);

    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: made.roleName })));
  });

  it('removes a bucket that was never complete', async () => {
    const draft = newManaged('bucket_policy');
    const effect = { type: 'fail_before', status: 400, code: 'InvalidRequest' };
    await assert.rejects(
      withFault({ operation: 'PutBucketPolicy', effect, times: 1 }, () => ours.provision(draft)),
    );

    await revokeAccess(draft, ours.deps);

    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: draft.bucket })), {
      name: 'NotFound',
    });
  });
});
