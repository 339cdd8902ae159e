import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { type BrowserPage, findChromium, openPage } from '../../testing/chromium.ts';
import { root, s3Of } from '../../testing/clients.ts';
import { signForm } from '../../testing/sign-form.ts';

const chromium = findChromium();
const skip = chromium === null ? 'There is no program "chromium" here: install it' : false;
if (skip) console.log(`skipped: ${skip}`);

const open = 'acme-browser';
const closed = 'acme-no-browser';

/** Raw requests show what is answered; only a browser shows that it is what browsers want. */
describe('a page in a browser', { skip }, () => {
  let sandbox: Sandbox;
  let page: BrowserPage;
  before(async () => {
    sandbox = await startSandbox({ port: 0 });
    page = await openPage(chromium ?? '');
    const s3 = s3Of(sandbox, root.acme);
    for (const Bucket of [open, closed]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
    }
    const rule = {
      AllowedOrigins: [page.origin],
      AllowedMethods: ['GET', 'PUT', 'POST'],
      AllowedHeaders: ['content-type'],
      ExposeHeaders: ['ETag'],
    };
    const CORSConfiguration = { CORSRules: [rule] };
    await s3.send(new PutBucketCorsCommand({ Bucket: open, CORSConfiguration }));
  });
  after(async () => {
    await page?.close();
    await sandbox?.close();
  });

  const getUrl = (Bucket: string) =>
    getSignedUrl(s3Of(sandbox, root.acme), new GetObjectCommand({ Bucket, Key: 'a' }));
  const putUrl = (Bucket: string) =>
    getSignedUrl(s3Of(sandbox, root.acme), new PutObjectCommand({ Bucket, Key: 'put' }));

  it('does what the rules allow, is kept from the rest, and reads why it is refused', async () => {
    const urls = {
      get: await getUrl(open),
      put: await putUrl(open),
      closedGet: await getUrl(closed),
      closedPut: await putUrl(closed),
      bucket: `${sandbox.url}/${open}`,
    };
    const form = signForm({ key: 'form' }, { bucket: open, credentials: root.acme });

    const seen = await page.run(`
      const urls = ${JSON.stringify(urls)};
      const form = new FormData();
      for (const [name, value] of Object.entries(${JSON.stringify(form)})) form.append(name, value);
      form.append('file', new Blob(['from a form']), 'a.txt');
      const say = (asked) => asked.then(
        async (answer) => [answer.status, answer.headers.get('etag'), (await answer.text()).slice(0, 73)],
        (error) => error.name,
      );
      const csv = { 'content-type': 'text/csv' };
      return {
        get: await say(fetch(urls.get)),
        put: await say(fetch(urls.put, { method: 'PUT', body: 'a,b', headers: csv })),
        post: await say(fetch(urls.bucket, { method: 'POST', body: form })),
        wrong: await say(fetch(urls.get.replace('Expires=900', 'Expires=901'))),
        otherHeader: await say(fetch(urls.get, { headers: { 'x-other': '1' } })),
        otherMethod: await say(fetch(urls.get, { method: 'DELETE' })),
        closedGet: await say(fetch(urls.closedGet)),
        closedPut: await say(fetch(urls.closedPut, { method: 'PUT', body: 'x', headers: csv })),
      };
    `);

    const etag = '"5d41402abc4b2a76b9719d911017c592"';
    assert.deepEqual(seen, {
      get: [200, etag, 'hello'],
      put: [200, '"b345e1dc09f20fdefdea469f09167892"', ''],
      post: [204, '"f20184029a987cac22933659059e0dfc"', ''],
      wrong: [
        403,
        null,
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch',
      ],
      otherHeader: 'TypeError',
      otherMethod: 'TypeError',
      closedGet: 'TypeError',
      closedPut: 'TypeError',
    });
  });
});
