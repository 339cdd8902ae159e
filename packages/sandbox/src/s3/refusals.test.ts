import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketWebsiteCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  createUserWithKey,
  failureOf,
  globex,
  operator,
  policy,
  root,
  s3Of,
} from '../testing/clients.ts';
import { type RawRequest, send } from '../testing/raw-request.ts';

const Bucket = 'acme-refusals';
const path = `/${Bucket}/a`;
let sandbox: Sandbox;
let acmes: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  acmes = s3Of(sandbox, root.acme);
  await acmes.send(new CreateBucketCommand({ Bucket }));
  await acmes.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
});
after(() => sandbox.close());

/** Requests of every kind that a bucket or an object takes. */
const requests: readonly [method: string, path: string][] = [
  ...[
    '',
    '?acl=',
    '?cors=',
    '?encryption=',
    '?list-type=2',
    '?location=',
    '?logging=',
    '?ownershipControls=',
    '?policy=',
    '?policyStatus=',
    '?publicAccessBlock=',
    '?requestPayment=',
    '?tagging=',
    '?uploads=',
    '?versioning=',
    '?versions=',
  ].map((query): [string, string] => ['GET', `/${Bucket}${query}`]),
  ['HEAD', `/${Bucket}`],
  ['DELETE', `/${Bucket}`],
  ...['?acl=', '?cors=', '?ownershipControls=', '?policy=', '?publicAccessBlock='].map(
    (query): [string, string] => ['PUT', `/${Bucket}${query}`],
  ),
  ...['?cors=', '?ownershipControls=', '?policy=', '?publicAccessBlock='].map(
    (query): [string, string] => ['DELETE', `/${Bucket}${query}`],
  ),
  ['POST', `/${Bucket}?delete=`],
  ...['', '?acl=', '?tagging=', '?uploadId=x'].map((query): [string, string] => [
    'GET',
    `${path}${query}`,
  ]),
  ['HEAD', path],
  ['PUT', path],
  ['PUT', `${path}?acl=`],
  ['PUT', `${path}?partNumber=1&uploadId=x`],
  ['POST', `${path}?uploads=`],
  ['POST', `${path}?uploadId=x`],
  ['DELETE', path],
  ['DELETE', `${path}?uploadId=x`],
];

describe('every request', () => {
  it('is refused before anything else when the bucket is not whose its sender expects', async () => {
    const headers = { 'x-amz-expected-bucket-owner': globex };
    for (const [method, target] of requests) {
      const raw: RawRequest = { method, path: target, headers, credentials: root.acme };
      const answer = await send(sandbox, raw);

      assert.equal(answer.status, 403, `${method} ${target}`);
      if (method !== 'HEAD') assert.match(answer.body, /<Message>Access Denied<\/Message>/);
    }
  });

  it('is refused to those who do not sign, and to strangers, without a reason', async () => {
    for (const [method, target] of requests) {
      // A deletion of many is answered for each key.
      if (target.endsWith('?delete=')) continue;
      for (const credentials of [undefined, root.globex]) {
        const answer = await send(sandbox, {
          method,
          path: target,
          ...(credentials && { credentials }),
        });

        assert.equal(answer.status, 403, `${method} ${target}`);
        if (method === 'HEAD') assert.equal(answer.body, '');
        else {
          assert.match(answer.body, /<Code>AccessDenied<\/Code><Message>Access Denied<\/Message>/);
        }
      }
    }
    const head = await send(sandbox, { method: 'HEAD', path });
    assert.equal(head.status, 403);
  });

  it('is refused with the reason to a user of the account', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'nobody', []);
    for (const [method, target] of requests) {
      if (method === 'HEAD' || target.endsWith('?delete=')) continue;
      const answer = await send(sandbox, { method, path: target, credentials });

      assert.equal(answer.status, 403, `${method} ${target}`);
      assert.match(
        answer.body,
        /<Message>User: arn:aws:iam::222222222222:user\/nobody is not authorized to perform: s3:\w+ on resource: &quot;arn:aws:s3:::acme-refusals(\/a)?&quot; because no identity-based policy allows the s3:\w+ action<\/Message>/,
        `${method} ${target}`,
      );
    }
  });

  it('has an id, in its headers and in the words of a refusal', async () => {
    const answer = await send(sandbox, { path });

    assert.match(String(answer.headers['x-amz-request-id']), /^[0-9A-F]{16}$/);
    assert.ok(
      answer.body.includes(`<RequestId>${String(answer.headers['x-amz-request-id'])}</RequestId>`),
    );
    assert.ok(answer.body.includes(`<HostId>${String(answer.headers['x-amz-id-2'])}</HostId>`));
  });
});

describe('a refusal', () => {
  it('of a request to a bucket tells its region, so that the sender can find it', async () => {
    const denied = await send(sandbox, { method: 'HEAD', path: `/${Bucket}` });
    const redirected = await send(sandbox, {
      path,
      credentials: root.acme,
      region: 'eu-west-1',
    });

    assert.equal(denied.status, 403);
    assert.equal(denied.headers['x-amz-bucket-region'], 'us-east-1');
    assert.equal(redirected.status, 301);
    assert.equal(redirected.headers['x-amz-bucket-region'], 'us-east-1');
    assert.equal(redirected.headers['location'], undefined);
    assert.match(redirected.body, /<Code>PermanentRedirect<\/Code>/);
  });

  it('says that a signature was made for another service', async () => {
    const answer = await send(sandbox, {
      path,
      headers: { host: 's3.localhost' },
      credentials: root.acme,
      service: 'ec2',
    });

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>AuthorizationHeaderMalformed<\/Code>/);
    assert.match(
      answer.body,
      /<Message>The authorization header is malformed; incorrect service &quot;ec2&quot;\. This endpoint belongs to &quot;s3&quot;\.<\/Message>/,
    );
  });

  it('of a bucket policy to another account, which that policy allows to handle it, is 405', async () => {
    const bucket = 'acme-shared-policy';
    await acmes.send(new CreateBucketCommand({ Bucket: bucket }));
    const Policy = policy({
      Effect: 'Allow',
      Principal: { AWS: operator },
      Action: 's3:*BucketPolicy',
      Resource: `arn:aws:s3:::${bucket}`,
    });
    await acmes.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));

    const failure = await failureOf(
      s3Of(sandbox, root.operator).send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })),
    );

    assert.equal(failure.status, 405);
    assert.equal(failure.code, 'MethodNotAllowed');
  });
});

describe('settings that nobody has made', () => {
  it('are read as on AWS', async () => {
    const payment = await acmes.send(new GetBucketRequestPaymentCommand({ Bucket }));
    const logging = await acmes.send(new GetBucketLoggingCommand({ Bucket }));
    const accelerate = await acmes.send(new GetBucketAccelerateConfigurationCommand({ Bucket }));
    const website = await failureOf(acmes.send(new GetBucketWebsiteCommand({ Bucket })));
    const replication = await failureOf(acmes.send(new GetBucketReplicationCommand({ Bucket })));

    assert.equal(payment.Payer, 'BucketOwner');
    assert.equal(logging.LoggingEnabled, undefined);
    assert.equal(accelerate.Status, undefined);
    assert.equal(website.status, 404);
    assert.equal(website.code, 'NoSuchWebsiteConfiguration');
    assert.equal(replication.status, 404);
    assert.equal(replication.code, 'ReplicationConfigurationNotFoundError');
  });

  it('are read by those alone who may, and cannot be made', async () => {
    const failure = await failureOf(
      s3Of(sandbox, root.globex).send(new GetBucketLoggingCommand({ Bucket })),
    );
    const put = await send(sandbox, {
      method: 'PUT',
      path: `/${Bucket}?logging=`,
      credentials: root.acme,
    });

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(put.status, 501);
  });
});
