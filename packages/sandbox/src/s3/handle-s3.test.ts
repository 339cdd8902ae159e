import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  operator,
  policy,
  root,
  s3Of,
  virtualHostS3,
} from '../testing/clients.ts';
import { hmac, type RawSigner, send, sha256 } from '../testing/raw-request.ts';

let now: Date;
let sandbox: Sandbox;

before(async () => {
  now = new Date();
  sandbox = await startSandbox({ port: 0, now: () => now });
  const s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-data' }));
  await s3.send(new PutObjectCommand({ Bucket: 'acme-data', Key: 'a/hello.txt', Body: 'hello' }));
  const irish = s3Of(sandbox, root.acme, { region: 'eu-west-1' });
  await irish.send(new CreateBucketCommand({ Bucket: 'acme-irish' }));
});
after(() => sandbox.close());

const list = () => new ListObjectsV2Command({ Bucket: 'acme-data' });

describe('authentication of S3 requests', () => {
  it('knows no key that nobody created', async () => {
    const s3 = s3Of(sandbox, { ...root.acme, accessKeyId: 'AKIAUNKNOWNUNKNOWN12' });

    const failure = await failureOf(s3.send(list()));

    assert.equal(failure.code, 'InvalidAccessKeyId');
    assert.equal(failure.status, 403);
    assert.equal(
      failure.message,
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  });

  it('refuses a wrong secret, and shows what should have been signed', async () => {
    const wrong = { ...root.acme, secretAccessKey: 'wrong' };

    const answer = await send(sandbox, { path: '/acme-data', credentials: wrong });

    assert.equal(answer.status, 403);
    assert.match(answer.body, /<Code>SignatureDoesNotMatch<\/Code>/);
    assert.match(answer.body, /<CanonicalRequest>GET\n\/acme-data\n/);
    assert.match(answer.body, /<StringToSign>AWS4-HMAC-SHA256\n/);
    assert.doesNotMatch(answer.body, /sandbox-secret/);
  });

  it('refuses a clock that is more than fifteen minutes off, either way', async () => {
    for (const minutes of [-16, 16]) {
      const at = new Date(now.getTime() + minutes * 60_000);
      const answer = await send(sandbox, { path: '/acme-data', credentials: root.acme, at });

      assert.equal(answer.status, 403);
      assert.match(answer.body, /<Code>RequestTimeTooSkewed<\/Code>/);
      assert.match(answer.body, /<MaxAllowedSkewMilliseconds>900000</);
    }
    const late = new Date(now.getTime() - 14 * 60_000);
    const answer = await send(sandbox, { path: '/acme-data', credentials: root.acme, at: late });
    assert.equal(answer.status, 200);
  });

  it('refuses an x-amz header that was added after signing', async () => {
    const answer = await send(sandbox, {
      path: '/acme-data',
      credentials: root.acme,
      unsignedHeaders: { 'x-amz-acl': 'public-read' },
    });

    assert.equal(answer.status, 403);
    assert.match(answer.body, /<HeadersNotSigned>x-amz-acl<\/HeadersNotSigned>/);
  });

  it('refuses a token that belongs to no session', async () => {
    const credentials = { ...root.acme, sessionToken: 'made-up' };

    const failure = await failureOf(s3Of(sandbox, credentials).send(list()));

    assert.equal(failure.code, 'InvalidToken');
    assert.equal(failure.status, 400);
  });

  it('denies an unsigned request that no bucket policy allows', async () => {
    const answer = await send(sandbox, { path: '/acme-data' });

    assert.equal(answer.status, 403);
    assert.match(answer.body, /<Message>Access Denied<\/Message>/);
  });

  it('refuses other ways of signing, and malformed headers', async () => {
    const old = await send(sandbox, { path: '/', headers: { authorization: 'AWS key:signature' } });
    const malformed = await send(sandbox, {
      path: '/',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
    });

    assert.match(old.body, /Please use AWS4-HMAC-SHA256/);
    assert.match(malformed.body, /<Code>AuthorizationHeaderMalformed<\/Code>/);
  });

  it('takes keys with every kind of character', async () => {
    const s3 = s3Of(sandbox, root.acme);
    for (const key of ["q/ +&=?#%/é~!'()*.txt", 'q/😀//double', 'q/a%20b', 'q/+', 'q/.']) {
      await s3.send(new PutObjectCommand({ Bucket: 'acme-data', Key: key, Body: key }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'acme-data', Key: key }));
      assert.equal(await Body?.transformToString(), key);
    }
  });
});

describe('presigned URLs', () => {
  it('let anyone do what was signed until they expire', async () => {
    const command = new GetObjectCommand({ Bucket: 'acme-data', Key: 'a/hello.txt' });
    const url = await getSignedUrl(s3Of(sandbox, root.acme), command, { expiresIn: 60 });

    assert.equal(await (await fetch(url)).text(), 'hello');
    const other = await fetch(url.replace('hello.txt', 'other.txt'));
    assert.match(await other.text(), /SignatureDoesNotMatch/);

    const real = now;
    // Well after it, however long ago `now` was taken.
    now = new Date(now.getTime() + 600_000);
    const late = await fetch(url);
    now = real;
    assert.equal(late.status, 403);
    assert.match(await late.text(), /<Message>Request has expired<\/Message>/);
  });

  it('take an upload', async () => {
    const command = new PutObjectCommand({ Bucket: 'acme-data', Key: 'a/put.txt' });
    const url = await getSignedUrl(s3Of(sandbox, root.acme), command, { expiresIn: 60 });

    const put = await fetch(url, { method: 'PUT', body: 'by a browser' });

    assert.equal(put.status, 200);
    assert.equal(
      put.headers.get('etag'),
      `"${createHash('md5').update('by a browser').digest('hex')}"`,
    );
  });

  it('must not live longer than a week', async () => {
    const command = new GetObjectCommand({ Bucket: 'acme-data', Key: 'a/hello.txt' });
    const url = await getSignedUrl(s3Of(sandbox, root.acme), command, { expiresIn: 604_800 });

    const answer = await fetch(url.replace('X-Amz-Expires=604800', 'X-Amz-Expires=604801'));

    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /AuthorizationQueryParametersError/);
  });
});

describe('bodies of uploads', () => {
  const put = (headers: Record<string, string>, body: string, more = {}) =>
    send(sandbox, {
      method: 'PUT',
      path: '/acme-data/body',
      credentials: root.acme,
      headers,
      body,
      ...more,
    });

  it('must have the hash that was signed', async () => {
    const answer = await put({ 'x-amz-content-sha256': sha256('something else') }, 'hello');

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>XAmzContentSHA256Mismatch<\/Code>/);
  });

  it('may be unsigned', async () => {
    assert.equal((await put({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, 'hello')).status, 200);
  });

  it('need some word about their hash', async () => {
    const answer = await put({ 'x-amz-content-sha256': 'whatever' }, 'hello');

    assert.equal(answer.status, 400);
    assert.match(answer.body, /must be UNSIGNED-PAYLOAD/);
  });

  it('may come in unsigned chunks with a trailing checksum, as the SDK sends streams', async () => {
    const s3 = s3Of(sandbox, root.acme);
    const bytes = Buffer.alloc(300_000, 'stream ');

    const stored = await s3.send(
      new PutObjectCommand({
        Bucket: 'acme-data',
        Key: 'streamed',
        Body: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
        ContentLength: bytes.length,
      }),
    );

    assert.ok(stored.ChecksumCRC32);
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'acme-data', Key: 'streamed' }));
    assert.equal(head.ContentLength, bytes.length);
    assert.equal(head.ContentEncoding, undefined);
  });

  it('may come in signed chunks with signed trailers, each of which is verified', async () => {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32('hello, world'));
    const trailer = `x-amz-checksum-crc32:${crc.toString('base64')}`;
    const upload = (tamper: (body: string) => string) =>
      put(
        {
          'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
          'x-amz-decoded-content-length': '12',
          'x-amz-trailer': 'x-amz-checksum-crc32',
          'content-encoding': 'aws-chunked',
        },
        '',
        {
          signBody: (signer: RawSigner) =>
            Buffer.from(tamper(signedChunks(signer, ['hello, ', 'world'], trailer))),
        },
      );

    const intact = await upload((body) => body);
    const changedBytes = await upload((body) => body.replace('world', 'w0rld'));
    const changedTrailer = await upload((body) => body.replace(crc.toString('base64'), 'AAAAAA=='));

    assert.equal(intact.status, 200, intact.body);
    assert.equal(intact.headers['x-amz-checksum-crc32'], crc.toString('base64'));
    for (const answer of [changedBytes, changedTrailer]) {
      assert.equal(answer.status, 403);
      assert.match(answer.body, /SignatureDoesNotMatch/);
    }
  });

  it('must match a trailing checksum', async () => {
    const answer = await put(
      {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '5',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    );

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>BadDigest<\/Code>/);
  });
});

/** A body in signed chunks with one signed trailer, put together by the documented rules. */
function signedChunks(signer: RawSigner, pieces: readonly string[], trailer: string): string {
  const { key, scope, timestamp } = signer;
  let previous = signer.signature;
  const sign = (kind: string, what: string) => {
    previous = hmac(key, `${kind}\n${timestamp}\n${scope}\n${previous}\n${what}`).toString('hex');
    return previous;
  };
  const chunks = [...pieces, ''].map((piece) => {
    const signature = sign('AWS4-HMAC-SHA256-PAYLOAD', `${sha256('')}\n${sha256(piece)}`);
    const end = piece === '' ? '' : '\r\n';
    return `${piece.length.toString(16)};chunk-signature=${signature}\r\n${piece}${end}`;
  });
  const signature = sign('AWS4-HMAC-SHA256-TRAILER', sha256(`${trailer}\n`));
  return `${chunks.join('')}${trailer}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
}

describe('authorisation of S3 requests', () => {
  it('tells a member of the account who may not do what, and why', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'reader', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/a/*' },
    ]);
    const s3 = s3Of(sandbox, key);

    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: 'acme-data', Key: 'a/hello.txt' }),
    );
    const failure = await failureOf(s3.send(list()));

    assert.equal(await Body?.transformToString(), 'hello');
    assert.equal(failure.code, 'AccessDenied');
    assert.equal(failure.status, 403);
    assert.equal(
      failure.message,
      'User: arn:aws:iam::222222222222:user/reader is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::acme-data" because no identity-based policy allows the s3:ListBucket action',
    );
  });

  it('names an explicit deny of a bucket policy', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-locked' }));
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'acme-locked',
        Policy: policy({
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: 'arn:aws:s3:::acme-locked/*',
        }),
      }),
    );

    const failure = await failureOf(
      s3.send(new PutObjectCommand({ Bucket: 'acme-locked', Key: 'x', Body: '' })),
    );

    assert.match(failure.message, /with an explicit deny in a resource-based policy$/);
  });

  it('says nothing but Access Denied to another account', async () => {
    const failure = await failureOf(s3Of(sandbox, root.globex).send(list()));

    assert.equal(failure.status, 403);
    assert.equal(failure.message, 'Access Denied');
  });

  it('lets another account in when the bucket policy and its own policies do', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-shared' }));
    await s3.send(new PutObjectCommand({ Bucket: 'acme-shared', Key: 'x', Body: 'shared' }));
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'acme-shared',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: operator },
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::acme-shared/*',
        }),
      }),
    );
    const allowed = await createUserWithKey(sandbox, root.operator, 'allowed', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    ]);
    const bare = await createUserWithKey(sandbox, root.operator, 'bare', []);
    const get = () => new GetObjectCommand({ Bucket: 'acme-shared', Key: 'x' });

    const { Body } = await s3Of(sandbox, allowed).send(get());
    const failure = await failureOf(s3Of(sandbox, bare).send(get()));

    assert.equal(await Body?.transformToString(), 'shared');
    assert.equal(failure.code, 'AccessDenied');
  });

  it('knows s3:prefix only when the request has one', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'lister', [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: '*',
        Condition: { StringLike: { 's3:prefix': 'a/*' } },
      },
    ]);
    const s3 = s3Of(sandbox, key);

    await s3.send(new ListObjectsV2Command({ Bucket: 'acme-data', Prefix: 'a/' }));
    assert.equal((await failureOf(s3.send(list()))).code, 'AccessDenied');
    assert.equal(
      (await failureOf(s3.send(new HeadBucketCommand({ Bucket: 'acme-data' })))).status,
      403,
    );
  });

  it('hides from those who may not list whether an object exists', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'getter', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    ]);
    const missing = () => new GetObjectCommand({ Bucket: 'acme-data', Key: 'missing' });

    const hidden = await failureOf(s3Of(sandbox, key).send(missing()));
    const told = await failureOf(s3Of(sandbox, root.acme).send(missing()));

    assert.equal(hidden.status, 403);
    assert.equal(told.status, 404);
    assert.equal(told.code, 'NoSuchKey');
  });

  it('counts the plain port as TLS unless told to be strict', async () => {
    const tlsOnly = policy({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::tls-only', 'arn:aws:s3:::tls-only/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const strict = await startSandbox({ port: 0, strictTransport: true });
    try {
      for (const [place, expected] of [
        [sandbox, 200],
        [strict, 403],
      ] as const) {
        const s3 = s3Of(place, root.acme);
        await s3.send(new CreateBucketCommand({ Bucket: 'tls-only' }));
        await s3.send(new PutBucketPolicyCommand({ Bucket: 'tls-only', Policy: tlsOnly }));
        const answer = await send(place, { path: '/tls-only', credentials: root.acme });
        assert.equal(answer.status, expected);
      }
    } finally {
      await strict.close();
    }
  });
});

describe('bucket, region and owner of S3 requests', () => {
  it('knows no bucket that was not created', async () => {
    const failure = await failureOf(
      s3Of(sandbox, root.acme).send(new ListObjectsV2Command({ Bucket: 'nobodys-bucket' })),
    );

    assert.equal(failure.status, 404);
    assert.equal(failure.code, 'NoSuchBucket');
  });

  it('redirects a path-style request of the wrong region, and names the right one', async () => {
    const get = new ListObjectsV2Command({ Bucket: 'acme-irish' });
    const failure = await failureOf(s3Of(sandbox, root.acme).send(get));
    const head = await send(sandbox, {
      method: 'HEAD',
      path: '/acme-irish',
      credentials: root.acme,
    });

    assert.equal(failure.status, 301);
    assert.equal(failure.code, 'PermanentRedirect');
    assert.equal(failure.headers['x-amz-bucket-region'], 'eu-west-1');
    assert.equal(head.status, 301);
    assert.equal(head.headers['x-amz-bucket-region'], 'eu-west-1');
    assert.equal(head.body, '');
  });

  it('tells a virtual-host request of the wrong region what to sign for', async () => {
    const answer = await send(sandbox, {
      path: '/',
      headers: { host: `acme-irish.s3.localhost:${sandbox.port}` },
      credentials: root.acme,
    });

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>AuthorizationHeaderMalformed<\/Code>/);
    assert.match(
      answer.body,
      /the region &apos;us-east-1&apos; is wrong|the region 'us-east-1' is wrong; expecting 'eu-west-1'/,
    );
    assert.match(answer.body, /<Region>eu-west-1<\/Region>/);
    assert.equal(answer.headers['x-amz-bucket-region'], 'eu-west-1');
  });

  it('lets the SDK follow to the right region by itself', async () => {
    const s3 = s3Of(sandbox, root.acme, { followRegionRedirects: true });

    const { Name } = await s3.send(new ListObjectsV2Command({ Bucket: 'acme-irish' }));

    assert.equal(Name, 'acme-irish');
  });

  it('says where a bucket is', async () => {
    const s3 = s3Of(sandbox, root.acme);

    const near = await s3.send(new GetBucketLocationCommand({ Bucket: 'acme-data' }));
    const far = await s3.send(new GetBucketLocationCommand({ Bucket: 'acme-irish' }));
    const head = await s3.send(new HeadBucketCommand({ Bucket: 'acme-data' }));

    assert.equal(near.LocationConstraint, undefined);
    assert.equal(far.LocationConstraint, 'eu-west-1');
    assert.equal(head.BucketRegion, 'us-east-1');
  });

  it('refuses a bucket of another owner than the expected one', async () => {
    const s3 = s3Of(sandbox, root.acme);
    const listOf = (owner: string) =>
      new ListObjectsV2Command({ Bucket: 'acme-data', ExpectedBucketOwner: owner });

    await s3.send(listOf(acme));
    const failure = await failureOf(s3.send(listOf(operator)));
    const nonsense = await failureOf(s3.send(listOf('acme')));

    assert.equal(failure.status, 403);
    assert.equal(failure.code, 'AccessDenied');
    assert.equal(nonsense.code, 'InvalidBucketOwnerAWSAccountID');
  });

  it('serves buckets by host name', async () => {
    const s3 = virtualHostS3(sandbox, root.acme);

    await s3.send(new PutObjectCommand({ Bucket: 'acme-data', Key: 'v/h.txt', Body: 'virtual' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'acme-data', Key: 'v/h.txt' }));
    const { Contents } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'acme-data', Prefix: 'v/' }),
    );

    assert.equal(await Body?.transformToString(), 'virtual');
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      ['v/h.txt'],
    );
  });

  it('lists the buckets of the caller alone', async () => {
    const { Buckets } = await s3Of(sandbox, root.acme).send(new ListBucketsCommand({}));
    const others = await s3Of(sandbox, root.globex).send(new ListBucketsCommand({}));

    assert.ok(
      Buckets?.some(
        ({ Name, BucketRegion }) => Name === 'acme-irish' && BucketRegion === 'eu-west-1',
      ),
    );
    assert.deepEqual(others.Buckets ?? [], []);
  });

  it('refuses what it does not have rather than taking it for something else', async () => {
    for (const [method, path] of [
      ['PUT', '/acme-new?inventory='],
      ['GET', '/acme-data/x?torrent='],
      ['DELETE', '/acme-data?analytics='],
    ] as const) {
      const answer = await send(sandbox, { method, path, credentials: root.acme });
      assert.equal(answer.status, 501);
      assert.match(answer.body, /<Code>NotImplemented<\/Code>/);
    }
    const wrongMethod = await send(sandbox, {
      method: 'PATCH',
      path: '/acme-data',
      credentials: root.acme,
    });
    assert.equal(wrongMethod.status, 405);
  });

  it('refuses an address that is not UTF-8', async () => {
    const answer = await send(sandbox, { path: '/acme-data/%ff' });

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>InvalidURI<\/Code>/);
  });
});
