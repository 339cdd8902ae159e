import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ObjectCannedACL,
  type ObjectOwnership,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { canonicalUserId } from '../../access/canonical-user-id.ts';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  globex,
  operator,
  policy,
  root,
  s3Of,
} from '../../testing/clients.ts';

let sandbox: Sandbox;
let acmes: S3Client;
let globexes: S3Client;
let operators: S3Client;
let Bucket: string;
let made = 0;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  acmes = s3Of(sandbox, root.acme);
  globexes = s3Of(sandbox, root.globex);
  operators = s3Of(sandbox, root.operator);
});
after(() => sandbox.close());
beforeEach(() => {
  made += 1;
  Bucket = `acme-owned-${made}`;
});

/** Makes a bucket of acme's in which globex and the operator may do everything with objects. */
async function makeBucket(ObjectOwnership?: ObjectOwnership): Promise<void> {
  await acmes.send(
    new CreateBucketCommand({ Bucket, ...(ObjectOwnership && { ObjectOwnership }) }),
  );
  const Policy = policy({
    Effect: 'Allow',
    Principal: { AWS: [globex, operator] },
    Action: 's3:*',
    Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
  });
  await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

const put = (ACL?: ObjectCannedACL) =>
  new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello', ...(ACL && { ACL }) });
const get = () => new GetObjectCommand({ Bucket, Key: 'a' });

async function ownerOfA(): Promise<string | undefined> {
  const list = new ListObjectsV2Command({ Bucket, FetchOwner: true });
  return (await acmes.send(list)).Contents?.[0]?.Owner?.ID;
}

async function canRead(s3: S3Client): Promise<boolean> {
  try {
    await s3.send(get());
    return true;
  } catch (error) {
    assert.equal((error as Error).name, 'AccessDenied');
    return false;
  }
}

async function putInParts(s3: S3Client, ACL?: ObjectCannedACL): Promise<void> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key: 'a', ...(ACL && { ACL }) }),
  );
  const on = { Bucket, Key: 'a', UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...on, PartNumber: 1, Body: 'hello' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...on, MultipartUpload }));
}

describe('ownership controls', () => {
  it('are enforced on a new bucket, and can be changed and deleted', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket }));
    const read = () => acmes.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    const first = await read();
    await acmes.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
      }),
    );
    const second = await read();
    await acmes.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    const failure = await failureOf(read());

    assert.deepEqual(first.OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    assert.deepEqual(second.OwnershipControls?.Rules, [
      { ObjectOwnership: 'BucketOwnerPreferred' },
    ]);
    assert.equal(failure.status, 404);
    assert.equal(failure.code, 'OwnershipControlsNotFoundError');
  });

  it('take none but the three settings', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket }));
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'Mine' as ObjectOwnership }] };

    const failure = await failureOf(
      acmes.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls })),
    );

    assert.equal(failure.code, 'MalformedXML');
  });

  it('are not enforced over a list that grants to others', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await acmes.send(
      new PutBucketAclCommand({ Bucket, GrantRead: `id="${canonicalUserId(globex)}"` }),
    );
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };

    const failure = await failureOf(
      acmes.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls })),
    );

    assert.equal(failure.status, 400);
    assert.equal(failure.code, 'InvalidBucketAclWithObjectOwnership');
    assert.equal(
      failure.message,
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  });

  it('can be sent along with a new bucket by who may set them', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'creator', [
      { Effect: 'Allow', Action: 's3:CreateBucket', Resource: '*' },
    ]);
    const s3 = s3Of(sandbox, key);

    const failure = await failureOf(
      s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' })),
    );

    assert.equal(failure.code, 'AccessDenied');
    assert.match(failure.message, /allows the s3:PutBucketOwnershipControls action/);
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
});

describe('objects of a bucket whose owner owns them all', () => {
  it('take no list but the one that they have anyway', async () => {
    await makeBucket();

    for (const ACL of ['public-read', 'authenticated-read', 'bucket-owner-read'] as const) {
      const failure = await failureOf(globexes.send(put(ACL)));
      assert.equal(failure.status, 400);
      assert.equal(failure.code, 'AccessControlListNotSupported');
      assert.equal(failure.message, 'The bucket does not allow ACLs');
    }
    await globexes.send(put('bucket-owner-full-control'));
    await globexes.send(
      new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'bucket-owner-full-control' }),
    );
    const object = await failureOf(
      acmes.send(new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'public-read' })),
    );
    const bucket = await failureOf(acmes.send(new PutBucketAclCommand({ Bucket, ACL: 'private' })));
    assert.equal(object.code, 'AccessControlListNotSupported');
    assert.equal(bucket.code, 'AccessControlListNotSupported');
  });

  it('belong to the bucket, whoever writes them', async () => {
    await makeBucket();
    await globexes.send(put());

    const { Owner, Grants } = await acmes.send(new GetObjectAclCommand({ Bucket, Key: 'a' }));

    assert.equal(await ownerOfA(), canonicalUserId(acme));
    assert.equal(Owner?.ID, canonicalUserId(acme));
    assert.deepEqual(Grants, [
      {
        Grantee: { Type: 'CanonicalUser', ID: canonicalUserId(acme) },
        Permission: 'FULL_CONTROL',
      },
    ]);
    assert.ok(await canRead(acmes));
    assert.ok(await canRead(operators));
  });

  it("are the bucket owner's again when ownership is enforced later", async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put());
    assert.equal(await canRead(acmes), false);
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };

    await acmes.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));

    assert.ok(await canRead(acmes));
    assert.equal(await ownerOfA(), canonicalUserId(acme));
  });
});

describe('objects of a bucket whose writers own them', () => {
  it('are closed to the owner of the bucket and to whom its policy allows', async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put());

    assert.equal(await ownerOfA(), canonicalUserId(globex));
    assert.ok(await canRead(globexes));
    assert.equal(await canRead(acmes), false);
    assert.equal(await canRead(operators), false);
    const failure = await failureOf(acmes.send(get()));
    assert.equal(failure.message, 'Access Denied');
  });

  it('can be deleted by the owner of the bucket', async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put());

    await acmes.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));

    const { KeyCount } = await acmes.send(new ListObjectsV2Command({ Bucket }));
    assert.equal(KeyCount, 0);
  });

  it('can be replaced by the owner of the bucket, with tags and a list', async () => {
    await makeBucket('ObjectWriter');
    const on = { Bucket, Key: 'a' };
    await globexes.send(put());
    await acmes.send(new PutObjectCommand({ ...on, Body: 'tagged', Tagging: 'color=red' }));
    await globexes.send(put());
    await acmes.send(put('private'));
    await globexes.send(put());
    await putInParts(acmes, 'private');

    assert.equal(await ownerOfA(), canonicalUserId(acme));
  });

  it('give their owner no right over what takes their place', async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put());
    const Policy = policy({
      Effect: 'Allow',
      Principal: { AWS: globex },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
    });
    await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const tagged = new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', Tagging: 'color=red' });

    await globexes.send(put());
    assert.equal((await failureOf(globexes.send(put('private')))).code, 'AccessDenied');
    assert.equal((await failureOf(globexes.send(tagged))).code, 'AccessDenied');
  });

  it("stay the writer's with bucket-owner-full-control, which opens them to the bucket's owner", async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put('bucket-owner-full-control'));

    assert.equal(await ownerOfA(), canonicalUserId(globex));
    assert.ok(await canRead(acmes));
    // The list names the bucket's account, and the policy speaks for that account's objects only.
    assert.equal(await canRead(operators), false);
  });

  it('are not closed to a Deny of the bucket policy', async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put('bucket-owner-full-control'));
    const Policy = policy(
      {
        Effect: 'Allow',
        Principal: { AWS: globex },
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
      },
      {
        Effect: 'Deny',
        Principal: { AWS: globex },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
      },
    );
    await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy }));

    assert.equal(await canRead(globexes), false);
    assert.ok(await canRead(acmes));
  });

  it('open to an account that the list names, and to its users with a policy for it', async () => {
    await makeBucket('ObjectWriter');
    const GrantRead = `id="${canonicalUserId(operator)}"`;
    const GrantFullControl = `id="${canonicalUserId(acme)}"`;
    await acmes.send(
      new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', GrantRead, GrantFullControl }),
    );
    await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(nothing()) }));
    const allowed = await createUserWithKey(sandbox, root.operator, `reader-${made}`, [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    ]);
    const other = await createUserWithKey(sandbox, root.operator, `nobody-${made}`, []);

    assert.ok(await canRead(operators));
    assert.ok(await canRead(s3Of(sandbox, allowed)));
    assert.equal(await canRead(s3Of(sandbox, other)), false);
    assert.equal(await canRead(globexes), false);
  });
});

/** A statement that allows nobody anything of use. */
const nothing = () => ({
  Effect: 'Allow',
  Principal: { AWS: acme },
  Action: 's3:GetBucketLocation',
  Resource: `arn:aws:s3:::${Bucket}`,
});

describe('objects of a bucket that prefers its owner', () => {
  it('change owner by bucket-owner-full-control, and by nothing else', async () => {
    await makeBucket('BucketOwnerPreferred');

    await globexes.send(put());
    const without = await ownerOfA();
    const before = await canRead(acmes);
    await globexes.send(put('bucket-owner-full-control'));

    assert.equal(without, canonicalUserId(globex));
    assert.equal(before, false);
    assert.equal(await ownerOfA(), canonicalUserId(acme));
    assert.ok(await canRead(acmes));
    assert.ok(await canRead(operators));
  });

  it('do so, too, when they are uploaded in parts', async () => {
    await makeBucket('BucketOwnerPreferred');

    await putInParts(globexes, 'bucket-owner-full-control');

    assert.equal(await ownerOfA(), canonicalUserId(acme));
    assert.ok(await canRead(acmes));
  });
});

describe('a bucket policy that demands bucket-owner-full-control', () => {
  const demanding = (): string =>
    policy({
      Effect: 'Allow',
      Principal: { AWS: globex },
      Action: ['s3:PutObject', 's3:PutObjectAcl'],
      Resource: `arn:aws:s3:::${Bucket}/*`,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
  const denying = (): string =>
    policy(
      {
        Effect: 'Allow',
        Principal: { AWS: globex },
        Action: 's3:*',
        Resource: `arn:aws:s3:::${Bucket}/*`,
      },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
        Condition: { StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
    );

  for (const [how, document] of [
    ['an Allow', demanding],
    ['a Deny', denying],
  ] as const) {
    it(`refuses writes without it by ${how}, and takes those with it, in parts too`, async () => {
      await acmes.send(new CreateBucketCommand({ Bucket }));
      await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy: document() }));

      const plain = await failureOf(globexes.send(put()));
      const parts = await failureOf(putInParts(globexes));
      await globexes.send(put('bucket-owner-full-control'));
      await putInParts(globexes, 'bucket-owner-full-control');

      assert.equal(plain.code, 'AccessDenied');
      assert.equal(parts.code, 'AccessDenied');
      assert.equal(
        (await acmes.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).ETag?.slice(-3),
        '-1"',
      );
    });
  }

  it('cannot be met in parts where it asks for grants in place of a canned list', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    const GrantFullControl = `id="${canonicalUserId(acme)}"`;
    const Resource = `arn:aws:s3:::${Bucket}/*`;
    const Policy = policy({
      Effect: 'Allow',
      Principal: { AWS: globex },
      Action: ['s3:PutObject', 's3:PutObjectAcl'],
      Resource,
      Condition: { StringEquals: { 's3:x-amz-grant-full-control': GrantFullControl } },
    });
    await acmes.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const on = { Bucket, Key: 'a' };

    await globexes.send(new PutObjectCommand({ ...on, Body: 'x', GrantFullControl }));
    const { UploadId } = await globexes.send(
      new CreateMultipartUploadCommand({ ...on, GrantFullControl }),
    );
    const failure = await failureOf(
      globexes.send(new UploadPartCommand({ ...on, UploadId, PartNumber: 1, Body: 'x' })),
    );

    assert.equal(failure.code, 'AccessDenied');
  });

  it('needs the right to set lists', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket }));
    const key = await createUserWithKey(sandbox, root.acme, `put-only-${made}`, [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' },
    ]);

    const failure = await failureOf(s3Of(sandbox, key).send(put('bucket-owner-full-control')));

    assert.match(failure.message, /no identity-based policy allows the s3:PutObjectAcl action/);
  });
});

describe('access control lists', () => {
  it('of a new bucket give its owner full control', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket }));

    const { Owner, Grants } = await acmes.send(new GetBucketAclCommand({ Bucket }));

    assert.equal(Owner?.ID, canonicalUserId(acme));
    assert.equal(Grants?.length, 1);
    assert.equal(Grants[0]?.Permission, 'FULL_CONTROL');
  });

  it('come back as they were put, in a body or in headers', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await acmes.send(put());
    const Owner = { ID: canonicalUserId(acme) };
    const Grants = [
      {
        Grantee: { Type: 'CanonicalUser' as const, ID: canonicalUserId(globex) },
        Permission: 'READ' as const,
      },
      {
        Grantee: {
          Type: 'Group' as const,
          URI: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
        },
        Permission: 'READ_ACP' as const,
      },
    ];

    await acmes.send(
      new PutObjectAclCommand({ Bucket, Key: 'a', AccessControlPolicy: { Owner, Grants } }),
    );
    const object = await acmes.send(new GetObjectAclCommand({ Bucket, Key: 'a' }));
    await acmes.send(
      new PutBucketAclCommand({
        Bucket,
        GrantWrite: `id="${canonicalUserId(globex)}", id="${canonicalUserId(operator)}"`,
      }),
    );
    const bucket = await acmes.send(new GetBucketAclCommand({ Bucket }));

    assert.deepEqual(object.Grants, Grants);
    assert.deepEqual(
      bucket.Grants?.map(({ Grantee, Permission }) => [Grantee?.ID, Permission]),
      [
        [canonicalUserId(globex), 'WRITE'],
        [canonicalUserId(operator), 'WRITE'],
      ],
    );
  });

  it('are kept for each version of an object', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await acmes.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const { VersionId: first } = await acmes.send(put());
    const { VersionId: second } = await acmes.send(put());
    const on = (VersionId: string | undefined) => ({ Bucket, Key: 'a', VersionId });
    const GrantRead = `id="${canonicalUserId(globex)}"`;

    await acmes.send(new PutObjectAclCommand({ ...on(first), GrantRead }));
    const { Grants: older } = await acmes.send(new GetObjectAclCommand(on(first)));
    const { Grants: newer } = await acmes.send(new GetObjectAclCommand(on(second)));
    await globexes.send(new GetObjectCommand(on(first)));
    const failure = await failureOf(globexes.send(new GetObjectCommand(on(second))));

    assert.equal(older?.[0]?.Permission, 'READ');
    assert.equal(newer?.[0]?.Permission, 'FULL_CONTROL');
    assert.equal(failure.code, 'AccessDenied');
  });

  it('decide about the source of a copy, and not about what it makes', async () => {
    await makeBucket('ObjectWriter');
    await globexes.send(put());
    const CopySource = `${Bucket}/a`;
    const copy = (s3: S3Client) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));

    const failure = await failureOf(copy(acmes));
    await globexes.send(
      new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'bucket-owner-full-control' }),
    );
    await copy(acmes);
    const { Owner } = await acmes.send(new GetObjectAclCommand({ Bucket, Key: 'copy' }));

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(Owner?.ID, canonicalUserId(acme));
  });

  it('of a bucket let others write and list', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    const list = () => globexes.send(new ListObjectsV2Command({ Bucket }));
    const denied = await failureOf(list());
    const id = `id="${canonicalUserId(globex)}"`;
    await acmes.send(new PutBucketAclCommand({ Bucket, GrantWrite: id, GrantRead: id }));

    await globexes.send(put());
    const listed = await list();
    const acl = await failureOf(globexes.send(new GetBucketAclCommand({ Bucket })));

    assert.equal(denied.code, 'AccessDenied');
    assert.equal(listed.KeyCount, 1);
    assert.equal(acl.code, 'AccessDenied');
  });

  it('are refused as S3 refuses them', async () => {
    await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
    await acmes.send(put());
    const on = { Bucket, Key: 'a' };
    const Owner = { ID: canonicalUserId(acme) };
    const stranger = { ID: canonicalUserId(globex) };
    const refused: [PutObjectAclCommand, string, string][] = [
      [new PutObjectAclCommand(on), 'MissingSecurityHeader', 'missing a required header'],
      [new PutObjectAclCommand({ ...on, ACL: 'fake' as 'private' }), 'InvalidArgument', ''],
      [
        new PutObjectAclCommand({ ...on, GrantRead: 'uri="http://acs.amazonaws.com/groups/x"' }),
        'InvalidArgument',
        'Invalid group uri',
      ],
      [
        new PutObjectAclCommand({ ...on, GrantRead: 'id="wrong"' }),
        'InvalidArgument',
        'Invalid id',
      ],
      [
        new PutObjectAclCommand({ ...on, GrantRead: 'fakekey="1234"' }),
        'InvalidArgument',
        'Argument format not recognized',
      ],
      [
        new PutObjectAclCommand({ ...on, GrantRead: 'emailAddress="a@example.com"' }),
        'UnresolvableGrantByEmailAddress',
        'does not match any account on record',
      ],
      [
        new PutObjectAclCommand({ ...on, ACL: 'private', GrantRead: 'id="wrong"' }),
        'InvalidRequest',
        'Specifying both Canned ACLs and Header Grants is not allowed',
      ],
      [
        new PutObjectAclCommand({
          ...on,
          ACL: 'private',
          AccessControlPolicy: { Owner, Grants: [] },
        }),
        'UnexpectedContent',
        'This request does not support content',
      ],
      [
        new PutObjectAclCommand({ ...on, AccessControlPolicy: { Grants: [] } }),
        'MalformedACLError',
        'did not validate against our published schema',
      ],
      [
        new PutObjectAclCommand({ ...on, AccessControlPolicy: { Owner: stranger, Grants: [] } }),
        'AccessDenied',
        'Access Denied',
      ],
    ];
    for (const [command, code, message] of refused) {
      const failure = await failureOf(acmes.send(command));
      assert.equal(failure.code, code, message);
      assert.ok(failure.message.includes(message), failure.message);
    }
  });
});
