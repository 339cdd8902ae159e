import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type CORSRule,
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of, virtualHostS3 } from '../../testing/clients.ts';
import { type RawAnswer, send } from '../../testing/raw-request.ts';

const Bucket = 'acme-pages';
const app = 'https://app.example.com';
let sandbox: Sandbox;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  const s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a.txt', Body: 'hello' }));
});
after(() => sandbox.close());

async function put(...CORSRules: CORSRule[]): Promise<void> {
  const command = new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } });
  await s3Of(sandbox, root.acme).send(command);
}

function preflight(headers: Record<string, string>, path = `/${Bucket}/a.txt`): Promise<RawAnswer> {
  return send(sandbox, { method: 'OPTIONS', path, headers });
}

const ask = (origin: string, method: string, headers?: string): Record<string, string> => ({
  origin,
  'access-control-request-method': method,
  ...(headers !== undefined && { 'access-control-request-headers': headers }),
});

describe('PutBucketCors', () => {
  it('keeps the rules as they were sent, until they are deleted', async () => {
    const s3 = s3Of(sandbox, root.acme);
    const rules: CORSRule[] = [
      {
        ID: 'app',
        AllowedOrigins: [app, 'https://*.example.org'],
        AllowedMethods: ['GET', 'PUT'],
        AllowedHeaders: ['x-AMZ-*', 'content-type'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 3000,
      },
      { AllowedOrigins: ['*'], AllowedMethods: ['HEAD'] },
    ];

    await put(...rules);
    const read = await s3.send(new GetBucketCorsCommand({ Bucket }));
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    const gone = await failureOf(s3.send(new GetBucketCorsCommand({ Bucket })));

    assert.deepEqual(read.CORSRules, rules);
    assert.equal(gone.status, 404);
    assert.equal(gone.code, 'NoSuchCORSConfiguration');
    assert.equal(gone.message, 'The CORS configuration does not exist');
  });

  const refused: [string, CORSRule[], string, string][] = [
    ['no rule', [], 'MalformedXML', 'not well-formed'],
    ['no origin', [{ AllowedOrigins: [], AllowedMethods: ['GET'] }], 'MalformedXML', ''],
    [
      'another method',
      [{ AllowedOrigins: ['*'], AllowedMethods: ['PATCH'] }],
      'InvalidRequest',
      'Found unsupported HTTP method in CORS config. Unsupported method is PATCH',
    ],
    [
      'two wildcards',
      [{ AllowedOrigins: ['https://*.a.*'], AllowedMethods: ['GET'] }],
      'InvalidRequest',
      'AllowedOrigin "https://*.a.*" can not have more than one wildcard.',
    ],
    [
      'a wildcard in what is exposed',
      [{ AllowedOrigins: ['*'], AllowedMethods: ['GET'], ExposeHeaders: ['*'] }],
      'InvalidRequest',
      'ExposeHeader "*" contains wildcard.',
    ],
    [
      'more than a hundred rules',
      Array.from({ length: 101 }, () => ({ AllowedOrigins: ['*'], AllowedMethods: ['GET'] })),
      'InvalidRequest',
      'should not exceed allowed limit of 100 rules',
    ],
  ];
  for (const [what, rules, code, message] of refused) {
    it(`refuses ${what}`, async () => {
      const failure = await failureOf(put(...rules));

      assert.equal(failure.status, 400);
      assert.equal(failure.code, code);
      assert.ok(failure.message.includes(message), failure.message);
    });
  }

  it('needs s3:PutBucketCORS', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'cors-reader', [
      { Effect: 'Allow', Action: 's3:GetBucketCORS', Resource: '*' },
    ]);
    const s3 = s3Of(sandbox, key);

    const failure = await failureOf(s3.send(new DeleteBucketCorsCommand({ Bucket })));

    assert.equal(failure.code, 'AccessDenied');
    assert.match(failure.message, /no identity-based policy allows the s3:PutBucketCORS action/);
  });
});

describe('preflight requests', () => {
  const rule: CORSRule = {
    AllowedOrigins: [app, 'https://*.example.org'],
    AllowedMethods: ['GET', 'PUT'],
    AllowedHeaders: ['x-amz-*', 'Content-Type'],
    ExposeHeaders: ['ETag', 'x-amz-version-id'],
    MaxAgeSeconds: 600,
  };

  it('are answered with what the first matching rule allows, without a signature', async () => {
    await put(rule, { AllowedOrigins: ['*'], AllowedMethods: ['GET'] });

    const answer = await preflight(ask(app, 'PUT', 'X-Amz-Meta-A, content-type'));

    assert.equal(answer.status, 200);
    assert.equal(answer.body, '');
    assert.equal(answer.headers['access-control-allow-origin'], app);
    assert.equal(answer.headers['access-control-allow-credentials'], 'true');
    assert.equal(answer.headers['access-control-allow-methods'], 'GET, PUT');
    assert.equal(answer.headers['access-control-allow-headers'], 'x-amz-meta-a, content-type');
    assert.equal(answer.headers['access-control-expose-headers'], 'ETag, x-amz-version-id');
    assert.equal(answer.headers['access-control-max-age'], '600');
    assert.equal(
      answer.headers['vary'],
      'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    );
    assert.ok(answer.headers['x-amz-request-id']);
  });

  it('take one wildcard in an origin, and tell nobody of credentials where it is all there is', async () => {
    await put(rule, { AllowedOrigins: ['*'], AllowedMethods: ['GET'] });

    const part = await preflight(ask('https://shop.example.org', 'GET'));
    const any = await preflight(ask('https://elsewhere.test', 'GET'));

    assert.equal(part.headers['access-control-allow-origin'], 'https://shop.example.org');
    assert.equal(any.headers['access-control-allow-origin'], '*');
    assert.equal(any.headers['access-control-allow-credentials'], undefined);
    assert.equal(any.headers['access-control-max-age'], undefined);
  });

  it('are refused where origin, method or a header is not allowed', async () => {
    await put(rule);
    const asked = [
      ask('https://elsewhere.test', 'GET'),
      ask('https://example.org', 'GET'),
      ask(`${app}.evil.test`, 'GET'),
      ask(`${app}/`, 'GET'),
      ask(app, 'DELETE'),
      ask(app, 'PUT', 'authorization'),
    ];
    for (const headers of asked) {
      const answer = await preflight(headers);

      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.match(answer.body, /<Code>AccessForbidden<\/Code>/);
      assert.match(answer.body, /<Message>CORSResponse: This CORS request is not allowed\. /);
      assert.match(answer.body, /<ResourceType>OBJECT<\/ResourceType>/);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  it('say what is missing', async () => {
    await put(rule);
    const without = `/acme-without-cors`;
    await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-without-cors' }));

    const noOrigin = await preflight({});
    const noMethod = await preflight({ origin: app });
    const noRules = await preflight(ask(app, 'PUT'), without);
    const noBucket = await preflight(ask(app, 'PUT'), '/acme-never-made');

    assert.equal(noOrigin.status, 400);
    assert.match(noOrigin.body, /Insufficient information\. Origin request header needed\./);
    assert.equal(noMethod.status, 400);
    assert.match(noMethod.body, /Invalid Access-Control-Request-Method: null/);
    assert.equal(noRules.status, 403);
    assert.match(noRules.body, /CORSResponse: CORS is not enabled for this bucket\./);
    assert.match(noRules.body, /<Method>PUT<\/Method><ResourceType>BUCKET<\/ResourceType>/);
    assert.equal(noBucket.status, 403);
    assert.match(noBucket.body, /CORSResponse: Bucket not found/);
  });

  it('are answered for presigned addresses, whose signature is for another method', async () => {
    await put(rule);
    const command = new PutObjectCommand({ Bucket, Key: 'b.txt' });
    const url = new URL(await getSignedUrl(s3Of(sandbox, root.acme), command));

    const answer = await preflight(ask(app, 'PUT'), `${url.pathname}${url.search}`);

    assert.equal(answer.status, 200);
  });
});

describe('answers to pages of another origin', () => {
  const rule: CORSRule = {
    AllowedOrigins: [app],
    AllowedMethods: ['GET'],
    ExposeHeaders: ['ETag'],
  };

  it('say that the page may read them', async () => {
    await put(rule);

    const answer = await send(sandbox, {
      path: `/${Bucket}/a.txt`,
      credentials: root.acme,
      headers: { origin: app },
    });

    assert.equal(answer.body, 'hello');
    assert.equal(answer.headers['access-control-allow-origin'], app);
    assert.equal(answer.headers['access-control-expose-headers'], 'ETag');
    assert.match(String(answer.headers['vary']), /^Origin,/);
  });

  it('say so of refusals, too, so that the page can show the reason', async () => {
    await put(rule);

    const denied = await send(sandbox, { path: `/${Bucket}/a.txt`, headers: { origin: app } });
    const missing = await send(sandbox, {
      path: `/${Bucket}/missing`,
      credentials: root.acme,
      headers: { origin: app },
    });

    assert.equal(denied.status, 403);
    assert.equal(denied.headers['access-control-allow-origin'], app);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers['access-control-allow-origin'], app);
  });

  it('keep silent to other origins and of other methods, but answer', async () => {
    await put(rule);
    const get = (headers: Record<string, string>) =>
      send(sandbox, { path: `/${Bucket}/a.txt`, credentials: root.acme, headers });

    const other = await get({ origin: 'https://elsewhere.test' });
    const none = await get({});
    const method = await send(sandbox, {
      method: 'PUT',
      path: `/${Bucket}/c.txt`,
      credentials: root.acme,
      headers: { origin: app },
    });

    for (const answer of [other, none, method]) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  it('work where the host name names the bucket', async () => {
    await put(rule);
    const s3 = virtualHostS3(sandbox, root.acme);
    s3.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['origin'] = app;
        return next(args);
      },
      { step: 'build' },
    );
    let allowed: string | undefined;
    s3.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { headers: Record<string, string> };
        allowed = headers['access-control-allow-origin'];
        return result;
      },
      { step: 'deserialize' },
    );

    await s3.send(new GetObjectCommand({ Bucket, Key: 'a.txt' }));

    assert.equal(allowed, app);
  });
});
