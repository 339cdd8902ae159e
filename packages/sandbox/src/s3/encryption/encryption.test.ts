import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  type ServerSideEncryptionRule,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  type Credentials,
  createUserWithKey,
  failureOf,
  globex,
  kmsOf,
  policy,
  root,
  s3Of,
} from '../../testing/clients.ts';
import { send } from '../../testing/raw-request.ts';

let sandbox: Sandbox;
let s3: S3Client;
/** May do everything in S3 and nothing with keys. */
let keyless: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  keyless = await createUserWithKey(sandbox, root.acme, 'keyless', [
    { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  ]);
});
after(() => sandbox.close());

const rootMayAll = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${acme}:root` },
  Action: 'kms:*',
  Resource: '*',
};

async function createKey(...statements: readonly object[]): Promise<string> {
  const { KeyMetadata } = await kmsOf(sandbox, root.acme).send(
    new CreateKeyCommand({ Policy: policy(rootMayAll, ...statements) }),
  );
  return KeyMetadata?.Arn ?? '';
}

let buckets = 0;
async function createBucket(rule?: ServerSideEncryptionRule): Promise<string> {
  buckets += 1;
  const Bucket = `acme-encrypted-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (rule) await encrypt(Bucket, rule);
  return Bucket;
}

async function encrypt(Bucket: string, rule: ServerSideEncryptionRule): Promise<void> {
  const ServerSideEncryptionConfiguration = { Rules: [rule] };
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
}

function put(
  Bucket: string,
  Key: string,
  more: Partial<PutObjectCommandInput> = {},
): PutObjectCommand {
  return new PutObjectCommand({ Bucket, Key, Body: 'hello', ...more });
}

const byKms = (SSEKMSKeyId?: string) => ({
  ServerSideEncryption: 'aws:kms' as const,
  ...(SSEKMSKeyId !== undefined && { SSEKMSKeyId }),
});

function withKey(key: Buffer) {
  return {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
}

const md5 = createHash('md5').update('hello').digest('hex');

describe('the encryption of a bucket', () => {
  it('is by keys of S3 until it is changed, and customer-provided keys are blocked', async () => {
    const Bucket = await createBucket();
    const read = async () => {
      const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
      return answer.ServerSideEncryptionConfiguration?.Rules;
    };
    const fresh = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BucketKeyEnabled: false,
      BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
    };

    assert.deepEqual(await read(), [fresh]);
    await encrypt(Bucket, {
      ApplyServerSideEncryptionByDefault: {
        SSEAlgorithm: 'aws:kms',
        KMSMasterKeyID: 'alias/mine',
      },
      BucketKeyEnabled: true,
    });
    assert.deepEqual(await read(), [
      {
        ApplyServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: 'alias/mine',
        },
        BucketKeyEnabled: true,
        BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
      },
    ]);
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    assert.deepEqual(await read(), [fresh]);
  });

  it('is refused when S3 does not know it', async () => {
    const Bucket = await createBucket();
    const refused = [
      { SSEAlgorithm: 'AES256' as const, KMSMasterKeyID: 'x' },
      { SSEAlgorithm: 'ROT13' as 'AES256' },
    ];

    const codes = [];
    for (const ApplyServerSideEncryptionByDefault of refused) {
      codes.push((await failureOf(encrypt(Bucket, { ApplyServerSideEncryptionByDefault }))).code);
    }

    assert.deepEqual(codes, ['InvalidArgument', 'MalformedXML']);
  });

  it('applies to uploads that say nothing, and is what a bucket key is for', async () => {
    const key = await createKey();
    const Bucket = await createBucket({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
      BucketKeyEnabled: true,
    });

    const stored = await s3.send(put(Bucket, 'x'));
    const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled, ETag } = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'x' }),
    );
    const own = await s3.send(put(Bucket, 'y', { ServerSideEncryption: 'AES256' }));

    assert.deepEqual(
      { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled },
      { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key, BucketKeyEnabled: true },
    );
    assert.equal(stored.SSEKMSKeyId, key);
    assert.equal(stored.ETag, ETag);
    assert.notEqual(ETag, `"${md5}"`, 'the ETag tells nothing of the content');
    assert.match(ETag ?? '', /^"[0-9a-f]{32}"$/);
    assert.equal(own.ServerSideEncryption, 'AES256');
    assert.equal(own.ETag, `"${md5}"`);
  });
});

describe('an object under a key of KMS', () => {
  it('takes kms:GenerateDataKey to write and kms:Decrypt to read, as the caller, through S3', async () => {
    const writer = await createUserWithKey(sandbox, root.acme, 'writer', [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
    ]);
    const key = await createKey({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${acme}:user/writer` },
      Action: 'kms:GenerateDataKey',
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
        StringLike: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::*/in/*' },
        Bool: { 'aws:ViaAWSService': 'true' },
      },
    });
    const Bucket = await createBucket();
    const client = s3Of(sandbox, writer);

    await client.send(put(Bucket, 'in/x', byKms(key)));
    const elsewhere = await failureOf(client.send(put(Bucket, 'out/x', byKms(key))));
    const read = await failureOf(client.send(new GetObjectCommand({ Bucket, Key: 'in/x' })));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'in/x' }));
    const checksum = await failureOf(
      client.send(new HeadObjectCommand({ Bucket, Key: 'in/x', ChecksumMode: 'ENABLED' })),
    );
    const whole = await s3.send(new GetObjectCommand({ Bucket, Key: 'in/x' }));
    const direct = await failureOf(
      kmsOf(sandbox, writer).send(
        new GenerateDataKeyCommand({
          KeyId: key,
          KeySpec: 'AES_256',
          EncryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/in/x` },
        }),
      ),
    );

    const denied = (action: string) =>
      `User: arn:aws:iam::${acme}:user/writer is not authorized to perform: ${action} on resource: ${key} because no identity-based policy allows the ${action} action`;
    assert.deepEqual(
      [elsewhere.status, elsewhere.code, elsewhere.message],
      [403, 'AccessDenied', denied('kms:GenerateDataKey')],
    );
    assert.equal(read.message, denied('kms:Decrypt'));
    assert.equal(direct.message, denied('kms:GenerateDataKey'), 'only through S3');
    assert.equal(head.SSEKMSKeyId, key);
    assert.equal(checksum.status, 403);
    assert.equal(await whole.Body?.transformToString(), 'hello');
  });

  it('is lost to everyone while its key is disabled or to be deleted', async () => {
    const key = await createKey();
    const kms = kmsOf(sandbox, root.acme);
    const Bucket = await createBucket();
    await s3.send(put(Bucket, 'x', byKms(key)));
    const read = () => s3.send(new GetObjectCommand({ Bucket, Key: 'x' }));

    await kms.send(new DisableKeyCommand({ KeyId: key }));
    const disabled = await failureOf(read());
    const disabledPut = await failureOf(s3.send(put(Bucket, 'y', byKms(key))));
    await kms.send(new EnableKeyCommand({ KeyId: key }));
    await read();
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key }));
    const pending = await failureOf(read());

    assert.deepEqual(
      [disabled.status, disabled.code, disabled.message],
      [400, 'KMS.DisabledException', `${key} is disabled.`],
    );
    assert.equal(disabledPut.code, 'KMS.DisabledException');
    assert.deepEqual(
      [pending.status, pending.code, pending.message],
      [400, 'KMS.KMSInvalidStateException', `${key} is pending deletion.`],
    );
  });

  it('refuses a key that is not there, of another region, or without the word for it', async () => {
    const key = await createKey();
    const Bucket = await createBucket();
    const missing = key.replace(/.{4}$/, '0000');
    const failures: Record<string, string> = {};
    for (const named of ['fake-key-id', missing, key.replace('us-east-1', 'eu-west-1')]) {
      const { code, message } = await failureOf(s3.send(put(Bucket, 'x', byKms(named))));
      failures[named] = `${code}: ${message}`;
    }
    const alone = await failureOf(s3.send(put(Bucket, 'x', { SSEKMSKeyId: key })));
    const unknown = await failureOf(
      s3.send(put(Bucket, 'x', { ServerSideEncryption: 'ROT13' as 'AES256' })),
    );

    assert.deepEqual(Object.values(failures), [
      "KMS.NotFoundException: Invalid keyId 'fake-key-id'",
      `KMS.NotFoundException: Key '${missing}' does not exist`,
      'KMS.NotFoundException: Invalid arn eu-west-1',
    ]);
    assert.equal(alone.code, 'InvalidArgument');
    assert.equal(unknown.code, 'InvalidArgument');
  });

  it('has the key that AWS manages when none is named: open to its account, through S3 alone', async () => {
    const Bucket = await createBucket();
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${globex}:root` },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${Bucket}/*`,
        }),
      }),
    );

    const stored = await s3Of(sandbox, keyless).send(put(Bucket, 'x', byKms()));
    const got = await s3Of(sandbox, keyless).send(new GetObjectCommand({ Bucket, Key: 'x' }));
    const foreign = await failureOf(
      s3Of(sandbox, root.globex).send(new GetObjectCommand({ Bucket, Key: 'x' })),
    );
    const changed = await failureOf(
      kmsOf(sandbox, root.acme).send(
        new PutKeyPolicyCommand({ KeyId: stored.SSEKMSKeyId, Policy: policy(rootMayAll) }),
      ),
    );

    assert.match(stored.SSEKMSKeyId ?? '', new RegExp(`^arn:aws:kms:us-east-1:${acme}:key/`));
    assert.equal(await got.Body?.transformToString(), 'hello');
    assert.deepEqual(
      [foreign.code, foreign.message],
      [
        'AccessDenied',
        `User: arn:aws:iam::${globex}:root is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      ],
    );
    assert.equal(changed.status, 400);
  });

  it('is opened to another account by the key policy and the identity policy there', async () => {
    const key = await createKey({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${globex}:root` },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
    const Bucket = await createBucket({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
    });
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${globex}:root` },
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: `arn:aws:s3:::${Bucket}/*`,
        }),
      }),
    );
    const onS3 = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const onKey = { Effect: 'Allow', Action: 'kms:*', Resource: key };
    const both = await createUserWithKey(sandbox, root.globex, 'both', [onS3, onKey]);
    const half = await createUserWithKey(sandbox, root.globex, 'half', [onS3]);

    await s3Of(sandbox, both).send(put(Bucket, 'x'));
    await s3Of(sandbox, both).send(new GetObjectCommand({ Bucket, Key: 'x' }));
    const failure = await failureOf(s3Of(sandbox, half).send(put(Bucket, 'y')));

    assert.equal(
      failure.message,
      `User: arn:aws:iam::${globex}:user/half is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
  });

  it('is bound to the encryption context that its sender adds', async () => {
    const key = await createKey();
    const Bucket = await createBucket();
    const SSEKMSEncryptionContext = Buffer.from('{"dept":"sales"}').toString('base64');
    const denyOthers = {
      Effect: 'Deny',
      Principal: { AWS: `arn:aws:iam::${acme}:root` },
      Action: 'kms:GenerateDataKey',
      Resource: '*',
      Condition: { StringNotEquals: { 'kms:EncryptionContext:dept': 'sales' } },
    };
    await kmsOf(sandbox, root.acme).send(
      new PutKeyPolicyCommand({ KeyId: key, Policy: policy(rootMayAll, denyOthers) }),
    );

    const stored = await s3.send(put(Bucket, 'x', { ...byKms(key), SSEKMSEncryptionContext }));
    const without = await failureOf(s3.send(put(Bucket, 'y', byKms(key))));
    const nonsense = await failureOf(
      s3.send(put(Bucket, 'y', { ...byKms(key), SSEKMSEncryptionContext: 'WzFd' })),
    );

    assert.equal(stored.SSEKMSEncryptionContext, SSEKMSEncryptionContext);
    assert.match(without.message, /with an explicit deny in a resource-based policy$/);
    assert.equal(nonsense.code, 'InvalidArgument');
  });

  it('is not for those who do not sign, and has no header to read it by', async () => {
    const Bucket = await createBucket();
    await s3.send(put(Bucket, 'x', byKms()));
    await s3.send(put(Bucket, 'plain'));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy({
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${Bucket}/*`,
        }),
      }),
    );

    const plain = await send(sandbox, { path: `/${Bucket}/plain` });
    const unsigned = await send(sandbox, { path: `/${Bucket}/x` });
    const asked = await send(sandbox, {
      path: `/${Bucket}/plain`,
      credentials: root.acme,
      headers: { 'x-amz-server-side-encryption': 'AES256' },
    });

    assert.equal(plain.status, 200);
    assert.equal(unsigned.status, 400);
    assert.match(unsigned.body, /<Code>InvalidArgument<.*require AWS Signature Version 4/);
    assert.equal(asked.status, 400);
    assert.match(asked.body, /header is not supported for this operation/);
  });

  it('takes two layers where asked for', async () => {
    const key = await createKey();
    const Bucket = await createBucket();

    await s3.send(
      put(Bucket, 'x', {
        ServerSideEncryption: 'aws:kms:dsse',
        SSEKMSKeyId: key,
        BucketKeyEnabled: true,
      }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'x' }));

    assert.equal(head.ServerSideEncryption, 'aws:kms:dsse');
    assert.equal(head.BucketKeyEnabled, undefined);
  });
});

describe('a multipart upload under a key of KMS', () => {
  it('takes kms:GenerateDataKey to begin and kms:Decrypt for each part', async () => {
    const key = await createKey();
    const Bucket = await createBucket();
    const Key = 'large';
    const starter = await createUserWithKey(sandbox, root.acme, 'starter', [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: key },
    ]);
    const begin = new CreateMultipartUploadCommand({ Bucket, Key, ...byKms(key) });

    const refused = await failureOf(s3Of(sandbox, keyless).send(begin));
    const { UploadId, SSEKMSKeyId } = await s3Of(sandbox, starter).send(begin);
    const part = { Bucket, Key, UploadId, PartNumber: 1 };
    const noDecrypt = await failureOf(
      s3Of(sandbox, starter).send(new UploadPartCommand({ ...part, Body: 'hello' })),
    );
    const noList = await failureOf(
      s3Of(sandbox, starter).send(new ListPartsCommand({ Bucket, Key, UploadId })),
    );
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'hello' }));
    const completed = await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));

    assert.match(refused.message, /kms:GenerateDataKey on resource/);
    assert.equal(SSEKMSKeyId, key);
    assert.match(noDecrypt.message, /kms:Decrypt on resource/);
    assert.match(noList.message, /kms:Decrypt on resource/);
    assert.notEqual(ETag, `"${md5}"`);
    assert.deepEqual([completed.SSEKMSKeyId, head.SSEKMSKeyId], [key, key]);
    assert.match(head.ETag ?? '', /^"[0-9a-f]{32}-1"$/);
  });
});

describe('a copy', () => {
  it('takes kms:Decrypt for its source and kms:GenerateDataKey for what it makes', async () => {
    const [from, to] = [await createKey(), await createKey()];
    const Bucket = await createBucket();
    await s3.send(put(Bucket, 'source', byKms(from)));
    const copy = (more: object = {}) =>
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source`, ...more });
    const opener = await createUserWithKey(sandbox, root.acme, 'opener', [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: from },
    ]);

    const noDecrypt = await failureOf(s3Of(sandbox, keyless).send(copy()));
    const plain = await s3Of(sandbox, opener).send(copy());
    const noKey = await failureOf(s3Of(sandbox, opener).send(copy(byKms(to))));
    const copied = await s3.send(copy(byKms(to)));

    assert.match(noDecrypt.message, /kms:Decrypt on resource/);
    assert.equal(plain.ServerSideEncryption, 'AES256');
    assert.equal(plain.CopyObjectResult?.ETag, `"${md5}"`);
    assert.match(noKey.message, /kms:GenerateDataKey on resource/);
    assert.equal(copied.SSEKMSKeyId, to);
    assert.notEqual(copied.CopyObjectResult?.ETag, `"${md5}"`);
  });

  it('can leave one customer-provided key for another', async () => {
    const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const Bucket = await createBucket({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BlockedEncryptionTypes: { EncryptionType: ['NONE'] },
    });
    const Key = 'rotated';
    await s3.send(put(Bucket, Key, withKey(old)));
    const source = withKey(old);
    const copy = new CopyObjectCommand({
      Bucket,
      Key,
      CopySource: `${Bucket}/${Key}`,
      CopySourceSSECustomerAlgorithm: source.SSECustomerAlgorithm,
      CopySourceSSECustomerKey: source.SSECustomerKey,
      CopySourceSSECustomerKeyMD5: source.SSECustomerKeyMD5,
      ...withKey(fresh),
    });

    await s3.send(copy);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...withKey(fresh) }));
    const again = await failureOf(s3.send(copy));

    assert.equal(await got.Body?.transformToString(), 'hello');
    assert.equal(again.status, 403);
  });
});

describe('a customer-provided key', () => {
  const raw = Buffer.alloc(32, 7);
  const other = Buffer.alloc(32, 8);
  const unblocked = () =>
    createBucket({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BlockedEncryptionTypes: { EncryptionType: ['NONE'] },
    });

  it('is refused by new buckets', async () => {
    const Bucket = await createBucket();

    const failure = await failureOf(s3.send(put(Bucket, 'x', withKey(raw))));

    assert.deepEqual([failure.status, failure.code], [403, 'AccessDenied']);
  });

  it('is needed for every read, and is not kept', async () => {
    const Bucket = await unblocked();
    const Key = 'x';
    const stored = await s3.send(put(Bucket, Key, withKey(raw)));

    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...withKey(raw) }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ...withKey(raw) }));
    const without = await failureOf(s3.send(new GetObjectCommand({ Bucket, Key })));
    const wrong = await failureOf(
      s3.send(new GetObjectCommand({ Bucket, Key, ...withKey(other) })),
    );
    const blind = await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key })));
    await s3.send(put(Bucket, 'plain'));
    const superfluous = await failureOf(
      s3.send(new GetObjectCommand({ Bucket, Key: 'plain', ...withKey(raw) })),
    );

    assert.equal(await got.Body?.transformToString(), 'hello');
    assert.equal(head.SSECustomerAlgorithm, 'AES256');
    assert.equal(stored.SSECustomerKeyMD5, withKey(raw).SSECustomerKeyMD5);
    assert.equal(stored.ServerSideEncryption, undefined);
    assert.notEqual(stored.ETag, `"${md5}"`);
    assert.deepEqual(
      [without.status, without.code, without.message],
      [
        400,
        'InvalidRequest',
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      ],
    );
    assert.deepEqual(
      [wrong.status, wrong.message],
      [
        403,
        'Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.',
      ],
    );
    assert.equal(blind.status, 400);
    assert.equal(
      superfluous.message,
      'The encryption parameters are not applicable to this object.',
    );
  });

  it('is refused when it is no key', async () => {
    const Bucket = await unblocked();
    const good = withKey(raw);
    const { SSECustomerKey: _key, ...noKey } = good;
    const refused: readonly (readonly [Partial<PutObjectCommandInput>, string, RegExp])[] = [
      [withKey(Buffer.alloc(16)), 'InvalidArgument', /secret key was invalid/],
      [{ ...good, SSECustomerAlgorithm: 'KMS' }, 'InvalidEncryptionAlgorithmError', /AES256/],
      [noKey, 'InvalidArgument', /an appropriate secret key/],
      [{ ...good, ServerSideEncryption: 'AES256' }, 'InvalidArgument', /incompatible/],
    ];

    for (const [more, code, message] of refused) {
      const failure = await failureOf(s3.send(put(Bucket, 'x', more)));
      assert.deepEqual([failure.status, failure.code], [400, code]);
      assert.match(failure.message, message);
    }
    // The SDK works the hash out by itself, and so cannot send a wrong one.
    const damaged = await send(sandbox, {
      method: 'PUT',
      path: `/${Bucket}/x`,
      credentials: root.acme,
      headers: {
        'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        'x-amz-server-side-encryption-customer-key': good.SSECustomerKey,
        'x-amz-server-side-encryption-customer-key-md5': withKey(other).SSECustomerKeyMD5,
      },
    });
    assert.equal(damaged.status, 400);
    assert.match(damaged.body, /calculated MD5 hash of the key did not match/);
  });

  it('is the same for every part of an upload', async () => {
    const Bucket = await unblocked();
    const Key = 'large';
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ...withKey(raw) }),
    );
    const upload = (more: object) =>
      s3.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'hello', ...more }),
      );

    const without = await failureOf(upload({}));
    const wrong = await failureOf(upload(withKey(other)));
    const { ETag } = await upload(withKey(raw));
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...withKey(raw) }));

    assert.match(without.message, /^The multipart upload initiate requested encryption/);
    assert.match(wrong.message, /did not match the ones used originally/);
    assert.equal(await got.Body?.transformToString(), 'hello');
  });

  it('never travels without TLS', async () => {
    const strict = await startSandbox({ port: 0, strictTransport: true });
    try {
      const client = s3Of(strict, root.acme);
      const Bucket = 'acme-plain';
      await client.send(new CreateBucketCommand({ Bucket }));
      const ServerSideEncryptionConfiguration = {
        Rules: [{ BlockedEncryptionTypes: { EncryptionType: ['NONE' as const] } }],
      };
      await client.send(
        new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }),
      );
      // The SDK refuses by itself to send the key over HTTP; others do not.
      const key = withKey(raw);
      const answer = await send(strict, {
        method: 'PUT',
        path: `/${Bucket}/x`,
        credentials: root.acme,
        headers: {
          'x-amz-server-side-encryption-customer-algorithm': 'AES256',
          'x-amz-server-side-encryption-customer-key': key.SSECustomerKey,
          'x-amz-server-side-encryption-customer-key-md5': key.SSECustomerKeyMD5,
        },
      });
      const kms = await failureOf(client.send(put(Bucket, 'x', byKms())));

      assert.equal(answer.status, 400);
      assert.match(answer.body, /must be made over a secure connection/);
      assert.match(kms.message, /must be made over a secure connection/);
    } finally {
      await strict.close();
    }
  });
});

describe('a bucket policy that insists on encryption', () => {
  it('refuses uploads without the header, with another algorithm, or with another key', async () => {
    const [right, wrong] = [await createKey(), await createKey()];
    const Bucket = await createBucket();
    const deny = (Condition: object) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
      Condition,
    });
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy(
          deny({ Null: { 's3:x-amz-server-side-encryption': 'true' } }),
          deny({ StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }),
          deny({
            StringNotEqualsIfExists: { 's3:x-amz-server-side-encryption-aws-kms-key-id': right },
          }),
        ),
      }),
    );

    await s3.send(put(Bucket, 'x', byKms(right)));

    for (const more of [{}, { ServerSideEncryption: 'AES256' as const }, byKms(wrong)]) {
      const failure = await failureOf(s3.send(put(Bucket, 'x', more)));
      assert.match(failure.message, /with an explicit deny in a resource-based policy$/);
    }
  });
});
