import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import type { UploadedPart } from './object-store.ts';
import type { ScriptedAnswer } from './testing/scripted-server.ts';
import { errorBody, refuse } from './testing/scripted-server.ts';
import {
  headOf,
  listingOf,
  type ScriptedStore,
  withScriptedStore,
} from './testing/scripted-store.ts';

const key = 'data/file.parquet';
const token = 'token-ours';
const body = Buffer.from('four');
const md5 = createHash('md5').update(body).digest('hex');
const part: UploadedPart = { partNumber: 1, etag: md5, bytes: 4, crc32: '3+PGYQ==' };
const multipart = `${createHash('md5').update(Buffer.from(md5, 'hex')).digest('hex')}-1`;

const put = ({ store }: ScriptedStore) =>
  store.putObject({ key, body, contentType: 'text/plain', token });
const complete = ({ store }: ScriptedStore) =>
  store.completeMultipartUpload({ key, uploadId: 'upload-1', parts: [part], token });

/** Scripts some operations with a list of answers; the last one is repeated. */
function answers(script: Record<string, readonly ScriptedAnswer[]>) {
  return (request: { readonly operation: string }, nth: number) => {
    const list = script[request.operation];
    return list?.[Math.min(nth, list.length) - 1];
  };
}

const refused = (code: string) => (error: unknown) => {
  assert.ok(CausewayError.is(error), `expected ${code}, got ${error}`);
  assert.equal(error.code, code);
  return true;
};

describe('a put whose answer is lost', () => {
  it('succeeds when the object reads back as ours', () =>
    withScriptedStore(
      answers({ PutObject: ['drop'], HeadObject: [headOf(token)] }),
      async (scripted) => {
        const written = await put(scripted);

        assert.equal(written.proof, 'read_back');
        assert.deepEqual(scripted.server.operations(), ['PutObject', 'HeadObject']);
      },
    ));

  it('succeeds when it is repeated and then meets its own object', () =>
    withScriptedStore(
      answers({
        PutObject: [refuse(500, 'InternalError'), refuse(412, 'PreconditionFailed')],
        HeadObject: [refuse(503, 'SlowDown'), headOf(token)],
      }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'read_back'),
    ));

  it('is sent again when nothing is there', () =>
    withScriptedStore(
      answers({ PutObject: ['drop', 'drop', { status: 200, headers: { etag: `"${md5}"` } }] }),
      async (scripted) => {
        assert.deepEqual(await put(scripted), { etag: md5, proof: 'answered' });
        assert.equal(scripted.server.operations().filter((op) => op === 'PutObject').length, 3);
      },
    ));

  it('is settled in the same way when the store hangs', () =>
    withScriptedStore(
      answers({ PutObject: ['hold'], HeadObject: [headOf(token)] }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'read_back'),
      { idleTimeoutMs: 150 },
    ));

  it('fails as unavailable, not as decided, when the store stays away', () =>
    withScriptedStore(
      answers({ PutObject: ['drop'], HeadObject: ['drop'] }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('store_unavailable'));
      },
      { retryBudgetMs: 300 },
    ));
});

describe('a put that meets an object', () => {
  const met = refuse(412, 'PreconditionFailed');

  it('succeeds when the object has our token', () =>
    withScriptedStore(
      answers({ PutObject: [met], HeadObject: [headOf(token)] }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'read_back'),
    ));

  it('succeeds when the object has the same bytes', () =>
    withScriptedStore(
      answers({ PutObject: [met], HeadObject: [headOf('another', md5)] }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'read_back'),
    ));

  it("fails when the object is somebody else's", () =>
    withScriptedStore(
      answers({ PutObject: [met], HeadObject: [headOf('another')] }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('object_exists'));
      },
    ));

  it('knows it again in the listing when it may not be read', () =>
    withScriptedStore(
      answers({
        PutObject: [met],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [listingOf(key, 4, md5)],
      }),
      async (scripted) => assert.deepEqual(await put(scripted), { etag: md5, proof: 'read_back' }),
    ));

  it("tells somebody else's by its size in the listing", () =>
    withScriptedStore(
      answers({
        PutObject: [met],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [listingOf(key, 5, md5)],
      }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('object_exists'));
      },
    ));

  it('is probably ours when nothing may be read and an answer was lost before', () =>
    withScriptedStore(
      answers({
        PutObject: ['drop', met],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [refuse(403, 'AccessDenied')],
      }),
      async (scripted) => assert.deepEqual(await put(scripted), { etag: md5, proof: 'unverified' }),
    ));

  it('is probably ours when another process may have sent it', () =>
    withScriptedStore(
      answers({
        PutObject: [met],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [refuse(403, 'AccessDenied')],
      }),
      async ({ store }) => {
        const again = { key, body, contentType: 'text/plain', token, sentBefore: true };

        assert.equal((await store.putObject(again)).proof, 'unverified');
      },
    ));

  it('asks for read access when nothing may be read and nothing was sent before', () =>
    withScriptedStore(
      answers({
        PutObject: [met],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [refuse(403, 'AccessDenied')],
      }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('access_denied'));
      },
    ));
});

describe('a put that meets another conditional write', () => {
  const conflict = refuse(409, 'ConditionalRequestConflict');

  it('is sent again', () =>
    withScriptedStore(answers({ PutObject: [conflict, { status: 200 }] }), async (scripted) =>
      assert.equal((await put(scripted)).proof, 'answered'),
    ));

  it('fails as unavailable when that never ends', () =>
    withScriptedStore(
      answers({ PutObject: [conflict] }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('store_unavailable'));
      },
      { retryBudgetMs: 300 },
    ));
});

describe('a put that is refused', () => {
  it('is not repeated when access is denied', () =>
    withScriptedStore(answers({ PutObject: [refuse(403, 'AccessDenied')] }), async (scripted) => {
      await assert.rejects(put(scripted), refused('access_denied'));
      assert.deepEqual(scripted.server.operations(), ['PutObject']);
    }));

  it('succeeds all the same when an attempt before had taken effect', () =>
    withScriptedStore(
      answers({
        PutObject: ['drop', refuse(403, 'AccessDenied')],
        HeadObject: ['drop', headOf(token)],
      }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'read_back'),
    ));

  it('is repeated when its bytes were damaged on the way', () =>
    withScriptedStore(
      answers({ PutObject: [refuse(400, 'BadDigest'), { status: 200 }] }),
      async (scripted) => assert.equal((await put(scripted)).proof, 'answered'),
    ));

  it('fails when its bytes are always damaged', () =>
    withScriptedStore(
      answers({ PutObject: [refuse(400, 'BadDigest')] }),
      async (scripted) => {
        await assert.rejects(put(scripted), refused('integrity_violated'));
      },
      { retryBudgetMs: 300 },
    ));
});

describe('a completion whose answer says 200', () => {
  const hidden = (code: string): ScriptedAnswer => ({ status: 200, body: errorBody(code) });

  it('is repeated when the body says that it failed inside', () =>
    withScriptedStore(
      (request, nth) =>
        request.operation === 'CompleteMultipartUpload' && nth === 1
          ? hidden('InternalError')
          : undefined,
      async (scripted) => assert.equal((await complete(scripted)).proof, 'answered'),
    ));

  it("fails when the body says that the key is taken and it is somebody else's", () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: [hidden('PreconditionFailed')],
        HeadObject: [headOf('another')],
      }),
      async (scripted) => {
        await assert.rejects(complete(scripted), refused('object_exists'));
        assert.deepEqual(scripted.server.operations(), ['CompleteMultipartUpload', 'HeadObject']);
      },
    ));

  it('succeeds when the body says that the key is taken and it is ours', () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: [hidden('PreconditionFailed')],
        HeadObject: [headOf(token)],
      }),
      async (scripted) => assert.equal((await complete(scripted)).proof, 'read_back'),
    ));

  it('is settled by reading back when the body is empty', () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: [{ status: 200 }],
        HeadObject: [headOf(token)],
      }),
      async (scripted) => assert.equal((await complete(scripted)).proof, 'read_back'),
    ));

  it('is settled by reading back when the body is cut off', () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: [
          {
            status: 200,
            body: '<CompleteMultipartUploadResult><ETag>"0"</ETag></CompleteMultipartUploadResult>',
            cutAfterBytes: 20,
          },
        ],
        HeadObject: [headOf(token)],
      }),
      async (scripted) => assert.equal((await complete(scripted)).proof, 'read_back'),
    ));

  it('fails when the body says that a part is not the one that was sent', () =>
    withScriptedStore(
      answers({ CompleteMultipartUpload: [hidden('InvalidPart')] }),
      async (scripted) => {
        await assert.rejects(complete(scripted), refused('integrity_violated'));
      },
    ));
});

describe('a completion of an upload that is gone', () => {
  const gone = refuse(404, 'NoSuchUpload');

  it('succeeds when the object is ours: it was completed before', () =>
    withScriptedStore(
      answers({ CompleteMultipartUpload: ['drop', gone], HeadObject: ['drop', headOf(token)] }),
      async (scripted) => assert.equal((await complete(scripted)).proof, 'read_back'),
    ));

  it('says so when there is no object: it was aborted', () =>
    withScriptedStore(answers({ CompleteMultipartUpload: [gone] }), async (scripted) => {
      await assert.rejects(complete(scripted), refused('upload_not_found'));
    }));

  it('is known again in the listing by the ETag that follows from its parts', () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: [gone],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: [listingOf(key, 4, multipart)],
      }),
      async (scripted) =>
        assert.deepEqual(await complete(scripted), { etag: multipart, proof: 'read_back' }),
    ));

  it('is probably ours under a key that encrypts, where ETags are no digests', () =>
    withScriptedStore(
      answers({
        CompleteMultipartUpload: ['drop', gone],
        HeadObject: [{ status: 403 }],
        ListObjectsV2: ['drop', listingOf(key, 4, 'ffffffffffffffffffffffffffffffff-1')],
      }),
      async (scripted) => assert.equal((await complete(scripted)).proof, 'unverified'),
    ));
});
