import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { canonicalUserId } from '../../access/canonical-user-id.ts';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { acme, failureOf, globex, policy, root, s3Of } from '../../testing/clients.ts';
import { type RawAnswer, send } from '../../testing/raw-request.ts';

let sandbox: Sandbox;
let acmes: S3Client;
let globexes: S3Client;
let Bucket: string;
let made = 0;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  acmes = s3Of(sandbox, root.acme);
  globexes = s3Of(sandbox, root.globex);
});
after(() => sandbox.close());
beforeEach(async () => {
  made += 1;
  Bucket = `acme-block-${made}`;
  await acmes.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
  await acmes.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
});

const all = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const none = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

async function block(settings: Partial<typeof all>): Promise<void> {
  const PublicAccessBlockConfiguration = { ...none, ...settings };
  await acmes.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
}

const read = () => acmes.send(new GetPublicAccessBlockCommand({ Bucket }));
const anonymousGet = () => send(sandbox, { path: `/${Bucket}/a` });
const putPolicy = (...statements: object[]) =>
  acmes.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));
const open = () => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: `arn:aws:s3:::${Bucket}/*`,
});
const forGlobex = () => ({ ...open(), Principal: { AWS: globex } });

describe('the public access block of a bucket', () => {
  it('is on in every part for a new bucket, and can be put and deleted', async () => {
    const first = await read();
    await block({ IgnorePublicAcls: true });
    const second = await read();
    await acmes.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await acmes.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const failure = await failureOf(read());

    assert.deepEqual(first.PublicAccessBlockConfiguration, all);
    assert.deepEqual(second.PublicAccessBlockConfiguration, { ...none, IgnorePublicAcls: true });
    assert.equal(failure.status, 404);
    assert.equal(failure.code, 'NoSuchPublicAccessBlockConfiguration');
    assert.equal(failure.message, 'The public access block configuration was not found');
  });

  it('must say something', async () => {
    const failure = await failureOf(
      acmes.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: {} })),
    );

    assert.equal(failure.code, 'InvalidRequest');
    assert.equal(failure.message, 'Must specify at least one configuration.');
  });

  it('is not for others to change', async () => {
    const failure = await failureOf(globexes.send(new DeletePublicAccessBlockCommand({ Bucket })));

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(failure.message, 'Access Denied');
  });
});

describe('BlockPublicPolicy', () => {
  it('refuses a policy for everyone in words of its own, and takes others', async () => {
    const failure = await failureOf(putPolicy(open()));
    await putPolicy(forGlobex());

    assert.equal(failure.status, 403);
    assert.equal(failure.code, 'AccessDenied');
    assert.equal(
      failure.message,
      `User: arn:aws:iam::${acme}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${Bucket}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    );
  });

  it('leaves the policy that there is as it is', async () => {
    await block({});
    await putPolicy(open());
    await block({ BlockPublicPolicy: true });

    assert.equal((await anonymousGet()).body, 'hello');
  });
});

describe('GetBucketPolicyStatus', () => {
  it('tells whether the policy is for everyone', async () => {
    const status = () => acmes.send(new GetBucketPolicyStatusCommand({ Bucket }));
    const failure = await failureOf(status());
    await block({});
    await putPolicy(open());
    const everyone = await status();
    await putPolicy(forGlobex());
    const named = await status();

    assert.equal(failure.code, 'NoSuchBucketPolicy');
    assert.equal(everyone.PolicyStatus?.IsPublic, true);
    assert.equal(named.PolicyStatus?.IsPublic, false);
  });
});

describe('RestrictPublicBuckets', () => {
  it('closes a bucket with a policy for everyone to all other accounts, those named included', async () => {
    await block({});
    await putPolicy(open(), { ...forGlobex(), Action: 's3:*' });
    const get = () => globexes.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    await get();
    await block({ RestrictPublicBuckets: true });

    const failure = await failureOf(get());
    const anonymous = await anonymousGet();
    await acmes.send(new GetObjectCommand({ Bucket, Key: 'a' }));

    assert.equal(failure.message, 'Access Denied');
    assert.equal(anonymous.status, 403);
  });

  it('does nothing where the policy is not for everyone', async () => {
    await putPolicy(forGlobex());

    await globexes.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  });
});

describe('BlockPublicAcls', () => {
  it('refuses lists for everyone, in headers and in bodies', async () => {
    const Owner = { ID: canonicalUserId(acme) };
    const Grantee = {
      Type: 'Group' as const,
      URI: 'http://acs.amazonaws.com/groups/global/AllUsers',
    };
    const AccessControlPolicy = { Owner, Grants: [{ Grantee, Permission: 'READ' as const }] };
    const attempts = {
      's3:PutBucketAcl': [
        new PutBucketAclCommand({ Bucket, ACL: 'public-read' }),
        new PutBucketAclCommand({ Bucket, ACL: 'authenticated-read' }),
        new PutBucketAclCommand({ Bucket, GrantRead: `uri="${Grantee.URI}"` }),
        new PutBucketAclCommand({ Bucket, AccessControlPolicy }),
      ],
      's3:PutObjectAcl': [
        new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'public-read' }),
        new PutObjectAclCommand({ Bucket, Key: 'a', AccessControlPolicy }),
      ],
      's3:PutObject': [new PutObjectCommand({ Bucket, Key: 'a', ACL: 'public-read' })],
    };
    for (const [action, commands] of Object.entries(attempts)) {
      for (const command of commands) {
        const failure = await failureOf(acmes.send(command as PutBucketAclCommand));
        assert.equal(failure.code, 'AccessDenied');
        assert.ok(
          failure.message.startsWith(
            `User: arn:aws:iam::${acme}:root is not authorized to perform: ${action} on resource: "arn:aws:s3:::${Bucket}`,
          ),
          failure.message,
        );
        assert.match(
          failure.message,
          / because public access control lists \(ACLs\) are blocked by the BlockPublicAcls block public access setting\.$/,
        );
      }
    }
  });

  it('is on in every new bucket, so that none is made with a list for everyone', async () => {
    const create = (ObjectOwnership: 'ObjectWriter' | 'BucketOwnerEnforced') =>
      acmes.send(
        new CreateBucketCommand({ Bucket: 'acme-open', ACL: 'public-read', ObjectOwnership }),
      );

    const open = await failureOf(create('ObjectWriter'));
    const enforced = await failureOf(create('BucketOwnerEnforced'));

    assert.equal(open.status, 400);
    assert.equal(open.code, 'InvalidBucketAclWithBlockPublicAccessError');
    assert.equal(enforced.status, 400);
    assert.equal(enforced.code, 'InvalidBucketAclWithObjectOwnership');
  });
});

describe('lists for everyone', () => {
  it('open an object to everyone, until they are ignored', async () => {
    await block({});
    await acmes.send(new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'public-read' }));
    const open = await anonymousGet();
    await block({ IgnorePublicAcls: true });
    const ignored = await anonymousGet();

    assert.equal(open.body, 'hello');
    assert.equal(ignored.status, 403);
    assert.match(ignored.body, /<Message>Access Denied<\/Message>/);
  });

  it('open it to those with an account only, when they say so', async () => {
    await block({});
    await acmes.send(new PutObjectAclCommand({ Bucket, Key: 'a', ACL: 'authenticated-read' }));

    const anonymous = await anonymousGet();
    await globexes.send(new GetObjectCommand({ Bucket, Key: 'a' }));

    assert.equal(anonymous.status, 403);
  });

  it('let everyone write to a bucket, whose objects then belong to nobody', async () => {
    await block({});
    await acmes.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }));

    const written = await send(sandbox, { method: 'PUT', path: `/${Bucket}/b`, body: 'x' });
    const parts = await send(sandbox, { method: 'POST', path: `/${Bucket}/b?uploads=` });
    const listed = await send(sandbox, {
      path: `/${Bucket}?fetch-owner=true&list-type=2&prefix=b`,
    });
    const read = await failureOf(acmes.send(new GetObjectCommand({ Bucket, Key: 'b' })));

    assert.equal(written.status, 200);
    assert.equal(parts.status, 403);
    assert.match(parts.body, /<Message>Anonymous users cannot initiate multipart uploads\./);
    assert.match(listed.body, /<Owner><ID>65a011a29cdf8ec533ec3d1ccaae921c<\/ID><\/Owner>/);
    assert.equal(read.code, 'AccessDenied');
  });
});

describe('the public access block of an account', () => {
  const path = '/v20180820/configuration/publicAccessBlock';
  const call = (method: string, body = '', account = acme, credentials = root.acme) =>
    send(sandbox, { method, path, body, credentials, headers: { 'x-amz-account-id': account } });
  const configuration = (settings: Partial<typeof all>): string =>
    `<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">${Object.entries(
      settings,
    )
      .map(([name, on]) => `<${name}>${on}</${name}>`)
      .join('')}</PublicAccessBlockConfiguration>`;
  after(() => call('DELETE'));

  it('is absent until it is put, and gone when it is deleted', async () => {
    const before: RawAnswer = await call('GET');
    const put = await call('PUT', configuration({ BlockPublicPolicy: true }));
    const read = await call('GET');
    const deleted = await call('DELETE');
    const gone = await call('GET');

    assert.equal(before.status, 404);
    assert.match(before.body, /<Code>NoSuchPublicAccessBlockConfiguration<\/Code>/);
    assert.equal(put.status, 200);
    assert.match(read.body, /<BlockPublicPolicy>true<\/BlockPublicPolicy>/);
    assert.match(read.body, /<BlockPublicAcls>false<\/BlockPublicAcls>/);
    assert.equal(deleted.status, 204);
    assert.equal(gone.status, 404);
  });

  it('holds for every bucket of the account, whatever the bucket says', async () => {
    await block({});
    await putPolicy(open());
    assert.equal((await anonymousGet()).status, 200);

    await call('PUT', configuration(all));
    const anonymous = await anonymousGet();
    const refused = await failureOf(putPolicy(open()));
    await call('DELETE');

    assert.equal(anonymous.status, 403);
    assert.match(refused.message, /BlockPublicPolicy/);
    assert.equal((await anonymousGet()).status, 200);
  });

  it("is nobody else's", async () => {
    const answer = await call('PUT', configuration(all), acme, root.globex);
    const unsigned = await send(sandbox, { path, headers: { 'x-amz-account-id': acme } });

    assert.equal(answer.status, 403);
    assert.equal(unsigned.status, 403);
  });
});
