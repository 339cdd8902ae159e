import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import { send } from '../testing/raw-request.ts';
import type { RequestRecord } from './history.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ port: 0 });
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-data' }));
});
after(() => sandbox.close());

async function last(count: number): Promise<RequestRecord[]> {
  const answer = await fetch(`${sandbox.url}/_sandbox/requests?last=${count}`);
  return ((await answer.json()) as { requests: RequestRecord[] }).requests;
}

describe('GET /_sandbox/requests', () => {
  it('tells of each request who asked, what was decided, by which statement, and the answer', async () => {
    const reader = await createUserWithKey(sandbox, root.acme, 'reader', [
      { Sid: 'ReadIt', Effect: 'Allow', Action: 's3:PutObject', Resource: '*' },
    ]);
    const s3 = s3Of(sandbox, reader);
    const object = { Bucket: 'acme-data', Key: 'x' };
    await s3.send(new PutObjectCommand({ ...object, Body: 'x' }));
    await failureOf(s3.send(new GetObjectCommand(object)));

    const [put, get] = await last(2);

    assert.equal(put?.operation, 'PutObject');
    assert.equal(put?.principal, 'arn:aws:iam::222222222222:user/reader');
    assert.equal(put?.resource, 'arn:aws:s3:::acme-data/x');
    assert.equal(put?.status, 200);
    assert.equal(put?.decision, 'allowed');
    assert.deepEqual(put?.statements, [{ policy: 'permissions', sid: 'ReadIt', effect: 'Allow' }]);
    assert.equal(get?.status, 403);
    assert.equal(get?.code, 'AccessDenied');
    assert.equal(get?.decision, 'implicit_deny');
    assert.ok(get?.because);
  });

  it('refuses a number that is none', async () => {
    assert.equal((await fetch(`${sandbox.url}/_sandbox/requests?last=all`)).status, 400);
  });
});

describe('GET /_sandbox', () => {
  it('is a page about accounts, buckets and requests, without secrets', async () => {
    const answer = await fetch(`${sandbox.url}/_sandbox`);
    const page = await answer.text();

    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    for (const word of ['222222222222', 'acme-data', 'CreateBucket'])
      assert.ok(page.includes(word));
    assert.doesNotMatch(page, /sandbox-secret/);
  });
});

describe('what the page shows', () => {
  it('is written as text, whatever somebody calls a key', async () => {
    const Key = '<script>alert("x")</script>';
    await s3Of(sandbox, root.acme).send(
      new PutObjectCommand({ Bucket: 'acme-data', Key, Body: 'x' }),
    );

    const page = await (await fetch(`${sandbox.url}/_sandbox`)).text();

    assert.ok(page.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'));
    assert.doesNotMatch(page, /<script/);
  });

  it('is why a request was refused, and on demand no other requests', async () => {
    await failureOf(
      s3Of(sandbox, root.globex).send(new GetObjectCommand({ Bucket: 'acme-data', Key: 'secret' })),
    );

    const all = await (await fetch(`${sandbox.url}/_sandbox`)).text();
    const refused = await (await fetch(`${sandbox.url}/_sandbox?show=refused`)).text();

    assert.match(refused, /403<\/span> AccessDenied/);
    assert.match(
      refused,
      /implicit deny<\/span> &quot;arn:aws:iam::333333333333:root&quot; may not/,
    );
    assert.ok(all.includes('<td>CreateBucket<small>'));
    assert.ok(!refused.includes('<td>CreateBucket<small>'));
  });
});

describe('the control plane', () => {
  it('hears no page of another site, and no other name of this machine', async () => {
    const foreign = await send(sandbox, {
      method: 'DELETE',
      path: '/_sandbox/faults',
      headers: { origin: 'https://evil.example' },
    });
    const rebound = await send(sandbox, {
      path: '/_sandbox/requests',
      headers: { host: 'evil.example' },
    });

    assert.equal(foreign.status, 403);
    assert.equal(rebound.status, 403);
  });

  it('says what there is where there is nothing', async () => {
    const answer = await fetch(`${sandbox.url}/_sandbox/other`);

    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /_sandbox\/requests/);
    assert.equal(
      (await fetch(`${sandbox.url}/_sandbox/faults/fault-99`, { method: 'DELETE' })).status,
      404,
    );
  });
});
