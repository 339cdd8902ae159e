import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  globex,
  kmsOf,
  policy,
  root,
} from '../testing/clients.ts';
import { send } from '../testing/raw-request.ts';

let sandbox: Sandbox;
let kms: KMSClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  kms = kmsOf(sandbox, root.acme);
});
after(() => sandbox.close());

const secret = Buffer.from('a secret of acme');

interface Key {
  readonly id: string;
  readonly arn: string;
}

async function createKey(document?: string, bypass = false): Promise<Key> {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Policy: document, BypassPolicyLockoutSafetyCheck: bypass }),
  );
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' };
}

const rootMayAll = {
  Sid: 'Root',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${acme}:root` },
  Action: 'kms:*',
  Resource: '*',
};

describe('a key of KMS', () => {
  it('is created with the policy that leaves it to its account, and described', async () => {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Description: 'for tests', Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    );
    const KeyId = KeyMetadata?.KeyId;
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    const { Keys } = await kms.send(new ListKeysCommand({}));

    assert.equal(KeyMetadata?.Arn, `arn:aws:kms:us-east-1:${acme}:key/${KeyId}`);
    assert.equal(KeyMetadata?.Description, 'for tests');
    assert.equal(KeyMetadata?.KeyState, 'Enabled');
    assert.equal(KeyMetadata?.KeyManager, 'CUSTOMER');
    assert.ok(KeyMetadata?.CreationDate instanceof Date);
    assert.deepEqual(JSON.parse(Policy ?? '').Statement[0], {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${acme}:root` },
      Action: 'kms:*',
      Resource: '*',
    });
    assert.ok(Keys?.some((key) => key.KeyId === KeyId));
    const elsewhere = kmsOf(sandbox, root.acme, 'eu-west-1');
    assert.deepEqual((await elsewhere.send(new ListKeysCommand({}))).Keys, []);
  });

  it('encrypts, decrypts and re-encrypts, bound to the encryption context', async () => {
    const [one, two] = [await createKey(), await createKey()];
    const EncryptionContext = { dept: 'sales', purpose: 'test' };

    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: one.arn, Plaintext: secret, EncryptionContext }),
    );
    const opened = await kms.send(
      // The order of a context does not matter.
      new DecryptCommand({
        CiphertextBlob,
        EncryptionContext: { purpose: 'test', dept: 'sales' },
      }),
    );
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: two.id,
      }),
    );
    const reopened = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));

    assert.deepEqual(Buffer.from(opened.Plaintext ?? []), secret);
    assert.equal(opened.KeyId, one.arn);
    assert.deepEqual([moved.SourceKeyId, moved.KeyId], [one.arn, two.arn]);
    assert.deepEqual(Buffer.from(reopened.Plaintext ?? []), secret);
    const wrongContext = await failureOf(kms.send(new DecryptCommand({ CiphertextBlob })));
    const wrongKey = await failureOf(
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: two.id })),
    );
    const noCiphertext = await failureOf(
      kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('nonsense') })),
    );
    assert.equal(wrongContext.code, 'InvalidCiphertextException');
    assert.equal(wrongKey.code, 'IncorrectKeyException');
    assert.equal(noCiphertext.code, 'InvalidCiphertextException');
    assert.equal(noCiphertext.status, 400);
  });

  it('makes data keys, with and without their plaintext, and random bytes', async () => {
    const { id } = await createKey();

    const whole = await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }));
    const sealed = await kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, NumberOfBytes: 64 }),
    );
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: whole.CiphertextBlob }));
    const other = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }));
    const random = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 20 }));

    assert.equal(whole.Plaintext?.length, 32);
    assert.deepEqual(opened.Plaintext, whole.Plaintext);
    assert.equal(other.Plaintext?.length, 64);
    assert.equal(random.Plaintext?.length, 20);
    const dry = new EncryptCommand({ KeyId: id, Plaintext: secret, DryRun: true });
    assert.equal((await failureOf(kms.send(dry))).code, 'DryRunOperationException');
    const rsa = new EncryptCommand({
      KeyId: id,
      Plaintext: secret,
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    });
    assert.equal((await failureOf(kms.send(rsa))).code, 'InvalidKeyUsageException');
    const both = new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', NumberOfBytes: 1 });
    assert.equal((await failureOf(kms.send(both))).code, 'ValidationException');
  });

  it('goes by its aliases where AWS takes them, and by any name that is right', async () => {
    const [one, two] = [await createKey(), await createKey()];
    const AliasName = 'alias/tests/main';
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.id }));

    const described = await kms.send(
      new DescribeKeyCommand({ KeyId: `arn:aws:kms:us-east-1:${acme}:${AliasName}` }),
    );
    const { KeyId } = await kms.send(new EncryptCommand({ KeyId: AliasName, Plaintext: secret }));
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.arn }));
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: two.id }));
    const managed = await failureOf(kms.send(new DisableKeyCommand({ KeyId: AliasName })));
    await kms.send(new DeleteAliasCommand({ AliasName }));

    assert.equal(described.KeyMetadata?.KeyId, one.id);
    assert.equal(KeyId, one.arn);
    assert.deepEqual(
      Aliases?.map((alias) => alias.AliasName),
      [AliasName],
    );
    assert.equal(managed.code, 'NotFoundException');
    for (const [name, message] of [
      [AliasName, `Alias arn:aws:kms:us-east-1:${acme}:${AliasName} is not found.`],
      ['fake-key-id', "Invalid keyId 'fake-key-id'"],
      [one.arn.replace('us-east-1', 'eu-west-1'), 'Invalid arn eu-west-1'],
      [
        one.arn.replace(/.{4}$/, '0000'),
        `Key '${one.arn.replace(/.{4}$/, '0000')}' does not exist`,
      ],
    ] as const) {
      const failure = await failureOf(kms.send(new DescribeKeyCommand({ KeyId: name })));
      assert.deepEqual([failure.code, failure.message], ['NotFoundException', message]);
    }
    const reserved = new CreateAliasCommand({ AliasName: 'alias/aws/x', TargetKeyId: one.id });
    assert.equal((await failureOf(kms.send(reserved))).code, 'NotAuthorizedException');
  });

  it('cannot be used while it is disabled, and not at all once it is deleted', async () => {
    const { id, arn } = await createKey();
    const use = () => kms.send(new EncryptCommand({ KeyId: id, Plaintext: secret }));

    await kms.send(new DisableKeyCommand({ KeyId: id }));
    const disabled = await failureOf(use());
    await kms.send(new EnableKeyCommand({ KeyId: id }));
    await use();
    const scheduled = await kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }),
    );
    const pending = await failureOf(use());
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }));
    const cancelled = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    await fetch(`${sandbox.url}/_sandbox/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceSeconds: 7 * 24 * 60 * 60 }),
    });
    const gone = await failureOf(use());

    assert.deepEqual(
      [disabled.code, disabled.message],
      ['DisabledException', `${arn} is disabled.`],
    );
    assert.equal(scheduled.KeyState, 'PendingDeletion');
    assert.deepEqual(
      [pending.code, pending.message],
      ['KMSInvalidStateException', `${arn} is pending deletion.`],
    );
    assert.equal(cancelled.KeyMetadata?.KeyState, 'Disabled');
    assert.deepEqual(
      [gone.code, gone.message],
      ['NotFoundException', `Key '${arn}' does not exist`],
    );
  });

  it('carries tags and a rotation', async () => {
    const { id } = await createKey();

    await kms.send(
      new TagResourceCommand({
        KeyId: id,
        Tags: [
          { TagKey: 'a', TagValue: '1' },
          { TagKey: 'b', TagValue: '2' },
        ],
      }),
    );
    await kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['a'] }));
    await kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: id }));
    const rotation = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));

    assert.deepEqual(Tags, [{ TagKey: 'b', TagValue: '2' }]);
    assert.equal(rotation.KeyRotationEnabled, true);
    assert.ok(rotation.NextRotationDate instanceof Date);
    const reserved = new TagResourceCommand({
      KeyId: id,
      Tags: [{ TagKey: 'aws:x', TagValue: '' }],
    });
    assert.equal((await failureOf(kms.send(reserved))).code, 'TagException');
  });
});

describe('the policy of a key', () => {
  it('must allow, or leave it to the identity policies of its account', async () => {
    const [left, closed] = [
      await createKey(),
      await createKey(policy({ ...rootMayAll, NotAction: 'kms:Encrypt', Action: undefined })),
    ];
    const allowed = await createUserWithKey(sandbox, root.acme, 'encrypter', [
      { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' },
    ]);
    const idle = await createUserWithKey(sandbox, root.acme, 'idle', []);
    const encrypt = (credentials: typeof allowed, KeyId: string) =>
      kmsOf(sandbox, credentials).send(new EncryptCommand({ KeyId, Plaintext: secret }));

    await encrypt(allowed, left.id);
    const noIdentity = await failureOf(encrypt(idle, left.id));
    const noResource = await failureOf(encrypt(allowed, closed.id));

    assert.deepEqual([noIdentity.status, noIdentity.code], [400, 'AccessDeniedException']);
    assert.equal(
      noIdentity.message,
      `User: arn:aws:iam::${acme}:user/idle is not authorized to perform: kms:Encrypt on resource: ${left.arn} because no identity-based policy allows the kms:Encrypt action`,
    );
    assert.equal(
      noResource.message,
      `User: arn:aws:iam::${acme}:user/encrypter is not authorized to perform: kms:Encrypt on resource: ${closed.arn} because no resource-based policy allows the kms:Encrypt action`,
    );
  });

  it('can allow a user by name, without any identity policy, and may look at the context', async () => {
    const user = await createUserWithKey(sandbox, root.acme, 'named', []);
    const { id } = await createKey(
      policy(rootMayAll, {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${acme}:user/named` },
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:EncryptionContext:dept': 'sales' },
          'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['dept'] },
        },
      }),
    );
    const generate = (EncryptionContext?: Record<string, string>) =>
      kmsOf(sandbox, user).send(
        new GenerateDataKeyCommand({
          KeyId: id,
          KeySpec: 'AES_256',
          ...(EncryptionContext && { EncryptionContext }),
        }),
      );

    await generate({ dept: 'sales' });

    for (const context of [undefined, { dept: 'hr' }, { dept: 'sales', more: 'x' }]) {
      assert.equal((await failureOf(generate(context))).code, 'AccessDeniedException');
    }
  });

  it('opens the key to another account together with identity policies there, to use and not to manage', async () => {
    const key = await createKey(
      policy(rootMayAll, {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${globex}:root` },
        Action: 'kms:*',
        Resource: '*',
      }),
    );
    const user = await createUserWithKey(sandbox, root.globex, 'partner', [
      { Effect: 'Allow', Action: 'kms:*', Resource: key.arn },
    ]);
    const idle = await createUserWithKey(sandbox, root.globex, 'nobody', []);
    const partner = kmsOf(sandbox, user);

    const sealed = await partner.send(new EncryptCommand({ KeyId: key.arn, Plaintext: secret }));
    const opened = await partner.send(
      new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }),
    );

    assert.deepEqual(Buffer.from(opened.Plaintext ?? []), secret);
    const denied = (who: string, action: string) =>
      `User: arn:aws:iam::${globex}:user/${who} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
    const idleUse = await failureOf(
      kmsOf(sandbox, idle).send(new EncryptCommand({ KeyId: key.arn, Plaintext: secret })),
    );
    const manage = await failureOf(partner.send(new GetKeyPolicyCommand({ KeyId: key.arn })));
    const missing = await failureOf(
      partner.send(new DescribeKeyCommand({ KeyId: key.arn.replace(/.{4}$/, '0000') })),
    );
    assert.equal(idleUse.message, denied('nobody', 'kms:Encrypt'));
    assert.equal(manage.message, denied('partner', 'kms:GetKeyPolicy'));
    assert.equal(missing.message, denied('partner', 'kms:DescribeKey'));
  });

  it('is refused when it is none, names nobody, or locks its author out', async () => {
    const { id } = await createKey();
    const put = (Policy: string, BypassPolicyLockoutSafetyCheck = false) =>
      kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy, BypassPolicyLockoutSafetyCheck }));
    const lockout = policy({ ...rootMayAll, Action: 'kms:Encrypt' });
    const nobody = policy({
      ...rootMayAll,
      Principal: { AWS: `arn:aws:iam::${acme}:user/never-was` },
    });

    const failures = [
      await failureOf(put('{"Version":"2012-10-17"}')),
      await failureOf(put(nobody)),
      await failureOf(put(lockout)),
    ];

    assert.deepEqual(
      failures.map((failure) => failure.code),
      Array(3).fill('MalformedPolicyDocumentException'),
    );
    assert.equal(
      failures[2]?.message,
      'The new key policy will not allow you to update the key policy in the future.',
    );
    await put(lockout, true);
    assert.equal((await failureOf(put(policy(rootMayAll)))).code, 'AccessDeniedException');
  });
});

describe('the JSON protocol', () => {
  const target = { 'x-amz-target': 'TrentService.ListKeys' };
  const call = { method: 'POST', path: '/', body: '{}', service: 'kms', headers: target };

  it('answers senders that it cannot believe in the words of the JSON services', async () => {
    const unsigned = await send(sandbox, { ...call });
    const unknown = await send(sandbox, {
      ...call,
      credentials: { accessKeyId: 'AKIANEVERWASANYWHERE', secretAccessKey: 'x' },
    });
    const wrong = await send(sandbox, {
      ...call,
      credentials: { ...root.acme, secretAccessKey: 'x' },
    });

    const types = [unsigned, unknown, wrong].map(({ status, body }) => [
      status,
      JSON.parse(body).__type,
    ]);
    assert.deepEqual(types, [
      [400, 'MissingAuthenticationTokenException'],
      [400, 'UnrecognizedClientException'],
      [400, 'InvalidSignatureException'],
    ]);
  });

  it('refuses what is no JSON, and operations that are not there', async () => {
    const noJson = await send(sandbox, { ...call, credentials: root.acme, body: '[' });
    const noOperation = await send(sandbox, {
      ...call,
      credentials: root.acme,
      headers: { 'x-amz-target': 'TrentService.CreateGrant' },
    });
    const wrongType = await send(sandbox, {
      ...call,
      credentials: root.acme,
      body: '{"Limit":"x"}',
    });

    assert.equal(JSON.parse(noJson.body).__type, 'SerializationException');
    assert.equal(noJson.headers['x-amzn-errortype'], 'SerializationException');
    assert.ok(noJson.headers['x-amzn-requestid']);
    assert.equal(JSON.parse(noOperation.body).__type, 'UnknownOperationException');
    assert.equal(JSON.parse(wrongType.body).__type, 'SerializationException');
  });
});
