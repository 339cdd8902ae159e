import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  type Credentials,
  createUserWithKey,
  iamOf,
  policy,
  root,
  s3Of,
  stsOf,
} from '../testing/clients.ts';

const Bucket = 'acme-presigned';
let now: Date;
let sandbox: Sandbox;
let session: Credentials;

before(async () => {
  now = new Date();
  sandbox = await startSandbox({ port: 0, now: () => now });
  const s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
  session = await assumeReader();
});
after(() => sandbox.close());

async function assumeReader(): Promise<Credentials> {
  const iam = iamOf(sandbox, root.acme);
  const trust = policy({ Effect: 'Allow', Principal: { AWS: acme }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }),
  );
  const PolicyDocument = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument }),
  );
  const user = await createUserWithKey(sandbox, root.acme, 'assumer', [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
  ]);
  const { Credentials: given } = await stsOf(sandbox, user).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'url', DurationSeconds: 900 }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
}

async function getUrl(credentials: Credentials = root.acme, expiresIn = 600): Promise<URL> {
  const command = new GetObjectCommand({ Bucket, Key: 'a' });
  return new URL(await getSignedUrl(s3Of(sandbox, credentials), command, { expiresIn }));
}

async function putUrl(more: Partial<PutObjectCommandInput>): Promise<URL> {
  const command = new PutObjectCommand({ Bucket, Key: 'put', ...more });
  return new URL(await getSignedUrl(s3Of(sandbox, root.acme), command));
}

async function codeOf(url: URL, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(url, init);
  const body = await answer.text();
  const [, code] = /<Code>(\w+)<\/Code>/.exec(body) ?? [];
  return `${answer.status} ${code ?? 'OK'}`;
}

/** The URL with one parameter changed, or taken out. */
function changed(url: URL, name: string, value: string | null): URL {
  const other = new URL(url);
  assert.ok(other.searchParams.has(name), name);
  if (value === null) other.searchParams.delete(name);
  else other.searchParams.set(name, value);
  return other;
}

describe('a presigned URL', () => {
  it('is good for its object, its method and its host alone', async () => {
    const url = await getUrl();
    const other = new URL(url);
    other.pathname = `/${Bucket}/b`;
    const elsewhere = new URL(url);
    elsewhere.hostname = 'localhost';

    assert.equal(await codeOf(url), '200 OK');
    assert.equal(await codeOf(other), '403 SignatureDoesNotMatch');
    assert.equal(await codeOf(url, { method: 'DELETE' }), '403 SignatureDoesNotMatch');
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 403);
    assert.equal(await codeOf(elsewhere), '403 SignatureDoesNotMatch');
  });

  it('is refused when anything in it is changed, added or taken out', async () => {
    const url = await getUrl();
    const added = new URL(url);
    added.searchParams.set('response-content-type', 'text/html');
    const credential = url.searchParams.get('X-Amz-Credential') ?? '';
    const date = url.searchParams.get('X-Amz-Date') ?? '';
    const signature = url.searchParams.get('X-Amz-Signature') ?? '';
    const scope = (from: string, to: string) => credential.replace(from, to);
    const attempts: [string, string | null, string][] = [
      ['X-Amz-Expires', '601', '403 SignatureDoesNotMatch'],
      ['X-Amz-Expires', '-1', '400 AuthorizationQueryParametersError'],
      ['X-Amz-Expires', '604801', '400 AuthorizationQueryParametersError'],
      ['X-Amz-Expires', 'soon', '400 AuthorizationQueryParametersError'],
      ['X-Amz-Expires', null, '400 AuthorizationQueryParametersError'],
      ['X-Amz-Date', date.replace(/..Z$/, '00Z'), '403 SignatureDoesNotMatch'],
      ['X-Amz-Date', '2026-11-22', '400 AuthorizationQueryParametersError'],
      ['X-Amz-Date', null, '400 AuthorizationQueryParametersError'],
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA512', '400 AuthorizationQueryParametersError'],
      ['X-Amz-Algorithm', null, '400 AuthorizationQueryParametersError'],
      ['X-Amz-SignedHeaders', 'host;x-amz-acl', '403 SignatureDoesNotMatch'],
      ['X-Amz-SignedHeaders', null, '400 AuthorizationQueryParametersError'],
      [
        'X-Amz-Credential',
        scope(root.acme.accessKeyId, 'AKIANOBODY0000000000'),
        '403 InvalidAccessKeyId',
      ],
      [
        'X-Amz-Credential',
        scope(root.acme.accessKeyId, root.globex.accessKeyId),
        '403 SignatureDoesNotMatch',
      ],
      ['X-Amz-Credential', scope('/us-east-1/', '/eu-west-1/'), '403 SignatureDoesNotMatch'],
      ['X-Amz-Credential', scope('/aws4_request', ''), '400 AuthorizationQueryParametersError'],
      ['X-Amz-Credential', null, '400 AuthorizationQueryParametersError'],
      [
        'X-Amz-Signature',
        signature.replace(/^./, (c) => (c === '0' ? '1' : '0')),
        '403 SignatureDoesNotMatch',
      ],
      ['X-Amz-Signature', signature.slice(1), '403 SignatureDoesNotMatch'],
      ['X-Amz-Signature', null, '400 AuthorizationQueryParametersError'],
      ['X-Amz-Content-Sha256', '0'.repeat(64), '403 SignatureDoesNotMatch'],
      ['x-id', 'PutObject', '403 SignatureDoesNotMatch'],
    ];

    assert.equal(await codeOf(added), '403 SignatureDoesNotMatch');
    for (const [name, value, expected] of attempts) {
      assert.equal(await codeOf(changed(url, name, value)), expected, `${name}=${value}`);
    }
  });

  it('takes no header that S3 acts on and that was not signed', async () => {
    const url = await getUrl();

    const answer = await fetch(url, { headers: { 'x-amz-expected-bucket-owner': acme } });
    const both = await codeOf(url, { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } });

    assert.equal(answer.status, 403);
    assert.match(
      await answer.text(),
      /<Message>There were headers present in the request which were not signed<\/Message><HeadersNotSigned>x-amz-expected-bucket-owner</,
    );
    assert.equal(both, '400 InvalidRequest');
  });

  it('of Signature Version 2 is refused as such, and not taken for an unsigned request', async () => {
    const url = `http://127.0.0.1:${sandbox.port}/${Bucket}/a?AWSAccessKeyId=${root.acme.accessKeyId}&Signature=x&Expires=4102444800`;

    const answer = await fetch(url);

    assert.equal(answer.status, 400);
    assert.match(
      await answer.text(),
      /<Code>InvalidRequest<\/Code><Message>The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.</,
    );
  });

  it('holds its sender to the headers that were signed', async () => {
    const url = await putUrl({ ServerSideEncryption: 'AES256' });

    assert.equal(url.searchParams.get('X-Amz-SignedHeaders'), 'host;x-amz-server-side-encryption');
    assert.equal(await codeOf(url, { method: 'PUT', body: 'x' }), '403 SignatureDoesNotMatch');
    const headers = { 'x-amz-server-side-encryption': 'AES256' };
    assert.equal(await codeOf(url, { method: 'PUT', body: 'x', headers }), '200 OK');
  });

  it('may say of the object in its query what a header would', async () => {
    const url = await putUrl({ Metadata: { color: 'red' } });
    const open = await putUrl({ ACL: 'public-read' });
    const expecting = await putUrl({ ExpectedBucketOwner: '333333333333' });

    assert.equal(await codeOf(url, { method: 'PUT', body: 'x' }), '200 OK');
    const head = await s3Of(sandbox, root.acme).send(new HeadObjectCommand({ Bucket, Key: 'put' }));
    assert.deepEqual(head.Metadata, { color: 'red' });
    assert.equal(
      await codeOf(open, { method: 'PUT', body: 'x' }),
      '400 AccessControlListNotSupported',
    );
    assert.equal(await codeOf(expecting, { method: 'PUT', body: 'x' }), '403 AccessDenied');
  });

  it('of a session is good with its token, and as long as the session', async () => {
    const url = await getUrl(session, 3600);

    assert.equal(await codeOf(url), '200 OK');
    assert.equal(
      await codeOf(changed(url, 'X-Amz-Security-Token', 'other')),
      '403 SignatureDoesNotMatch',
    );
    assert.equal(
      await codeOf(changed(url, 'X-Amz-Security-Token', null)),
      '403 InvalidAccessKeyId',
    );
    const real = now;
    now = new Date(real.getTime() + 901_000);
    const late = await codeOf(url);
    now = real;
    assert.equal(late, '400 ExpiredToken');
  });

  it('is no more allowed than its signer, whoever uses it', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'by-reader' });
    const url = new URL(await getSignedUrl(s3Of(sandbox, session), command));

    const answer = await fetch(url, { method: 'PUT', body: 'x' });

    assert.equal(answer.status, 403);
    assert.match(
      await answer.text(),
      /assumed-role\/reader\/url is not authorized to perform: s3:PutObject on resource: &quot;arn:aws:s3:::acme-presigned\/by-reader&quot; because no identity-based policy allows/,
    );
  });
});

describe('a bucket policy about presigned URLs', () => {
  const deny = async (Condition: object): Promise<void> => {
    const Resource = `arn:aws:s3:::${Bucket}/*`;
    const Policy = policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource, Condition });
    await s3Of(sandbox, root.acme).send(new PutBucketPolicyCommand({ Bucket, Policy }));
  };

  it('can bound their age, which counts from their signature', async () => {
    await deny({ NumericGreaterThan: { 's3:signatureAge': '60000' } });
    const url = await getUrl(root.acme, 3600);

    const young = await codeOf(url);
    const real = now;
    now = new Date(real.getTime() + 120_000);
    const old = await codeOf(url);
    now = real;

    assert.equal(young, '200 OK');
    assert.equal(old, '403 AccessDenied');
  });

  it('tells them from signed requests by s3:authType', async () => {
    await deny({ StringEquals: { 's3:authType': 'REST-QUERY-STRING' } });

    assert.equal(await codeOf(await getUrl()), '403 AccessDenied');
    await s3Of(sandbox, root.acme).send(new GetObjectCommand({ Bucket, Key: 'a' }));
  });

  it('sees no VPC endpoint, whatever the sender says', async () => {
    await deny({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } });
    const headers = { 'aws-sourcevpce': 'vpce-1', 'x-forwarded-for': '10.0.0.1' };

    assert.equal(await codeOf(await getUrl(), { headers }), '403 AccessDenied');
  });
});
