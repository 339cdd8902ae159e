import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { root, s3Of } from '../testing/clients.ts';

const object = { Bucket: 'acme-data', Key: 'x' };
const day = 86_400;
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
});
after(() => sandbox.close());
afterEach(() => setClock({ now: new Date().toISOString(), frozen: false }));

async function setClock(
  change: object,
): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(`${sandbox.url}/_sandbox/clock`, {
    method: 'POST',
    body: JSON.stringify(change),
  });
  return { status: answer.status, body: await answer.text() };
}

async function putAndLook(): Promise<Date | undefined> {
  await s3.send(new PutObjectCommand({ ...object, Body: 'x' }));
  return (await s3.send(new HeadObjectCommand(object))).LastModified;
}

describe('/_sandbox/clock', () => {
  it('moves the time of what happens, and believes who signs by the time of the machine', async () => {
    await setClock({ advanceSeconds: 3 * day });

    const modified = await putAndLook();

    const ahead = ((modified?.getTime() ?? 0) - Date.now()) / 1000;
    assert.ok(Math.abs(ahead - 3 * day) < 60, `${ahead} s ahead`);
  });

  it('stands still at a given time', async () => {
    const changed = await setClock({ now: '2031-02-03T04:05:06Z', frozen: true });

    const modified = await putAndLook();
    const told = await fetch(`${sandbox.url}/_sandbox/clock`);

    assert.equal(changed.status, 200);
    assert.deepEqual(await told.json(), { now: '2031-02-03T04:05:06.000Z', frozen: true });
    assert.equal(modified?.toISOString(), '2031-02-03T04:05:06.000Z');
  });

  it('lets URLs expire that were signed before it was moved, and those only', async () => {
    await putAndLook();
    const sign = () => getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: 900 });
    const before = await sign();

    await setClock({ advanceSeconds: 1000 });
    const after = await sign();

    assert.equal((await fetch(before)).status, 403);
    assert.equal((await fetch(after)).status, 200);
  });

  it('says what is wrong with a change', async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [[], /not a JSON object/],
      [{}, /names no change/],
      [{ seconds: 1 }, /\\"seconds\\" is not known/],
      [{ advanceSeconds: -1 }, /\\"advanceSeconds\\" is not a number/],
      [{ advanceSeconds: 1, now: '2030-01-01T00:00:00Z' }, /exclude each other/],
      [{ now: '2030-01-01T00:00:00' }, /\\"now\\" is not a time/],
      [{ frozen: 'yes' }, /\\"frozen\\" is not true or false/],
    ];
    for (const [change, message] of wrong) {
      const { status, body } = await setClock(change as object);
      assert.equal(status, 400);
      assert.match(body, message);
    }
  });
});
