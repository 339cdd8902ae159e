import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import type { ObjectStore } from './object-store.ts';

export interface OpenStore {
  readonly store: ObjectStore;
  /** The same bucket, opened as that of another account. */
  readonly astray?: ObjectStore | undefined;
  readonly close: () => Promise<void>;
}

const contentType = 'application/octet-stream';
const mebibyte = 1024 ** 2;

/**
 * What every {@link ObjectStore} must do, as `node:test` cases; where a store lacks a
 * capability they prove what its adapter does instead. They write under a random
 * prefix and remove nothing: give them a bucket of their own.
 *
 * @param hasOwners whether buckets belong to accounts; then `open` gives `astray`, too.
 * @param listsPages whether to list more than one page, for which a thousand objects are put.
 */
export function describeObjectStore(
  name: string,
  open: () => Promise<OpenStore>,
  {
    hasOwners = false,
    listsPages = true,
  }: { readonly hasOwners?: boolean; readonly listsPages?: boolean } = {},
): void {
  describe(`${name} as an object store`, () => {
    const context: Context = { prefix: `conformance-${randomBytes(6).toString('hex')}/` };
    let opened: OpenStore | undefined;
    before(async () => {
      opened = await open();
      context.store = opened.store;
      context.astray = opened.astray;
    });
    after(() => opened?.close());
    smallObjects(context);
    createOnly(context);
    uploads(context);
    completions(context);
    listings(context);
    if (listsPages) pages(context);
    if (hasOwners) owners(context);
  });
}

interface Context {
  readonly prefix: string;
  store?: ObjectStore;
  astray?: ObjectStore | undefined;
}

function use(context: Context): ObjectStore {
  assert.ok(context.store, 'the store is open');
  return context.store;
}

function smallObjects(context: Context): void {
  const key = (name: string) => `${context.prefix}small/${name}`;

  it('gives back what was put', async () => {
    const store = use(context);
    const body = Buffer.from('twelve bytes');
    const written = await store.putObject({ key: key('a'), body, contentType, token: 'token-a' });

    const head = await store.headObject(key('a'));

    assert.deepEqual(head, { bytes: 12, etag: written.etag, token: 'token-a' });
    assert.deepEqual(await read(store, key('a')), body);
  });

  it('keeps an object without a byte', async () => {
    const store = use(context);
    await store.putObject({ key: key('empty'), body: Buffer.alloc(0), contentType, token: 't' });

    assert.equal((await store.headObject(key('empty')))?.bytes, 0);
    assert.equal((await read(store, key('empty'))).byteLength, 0);
  });

  it('keeps keys apart whatever characters they have', async () => {
    const store = use(context);
    const names = ['a b', 'a+b', 'a%20b', 'ä', 'dt=2026-01-02/x', 'a&b', "a'b", 'a?b#c'];
    for (const name of names) {
      const body = Buffer.from(name);
      await store.putObject({ key: key(`odd/${name}`), body, contentType, token: 't' });
    }

    for (const name of names) {
      assert.equal((await read(store, key(`odd/${name}`))).toString(), name);
    }
    const listed = await keysUnder(store, key('odd/'));
    assert.deepEqual(new Set(listed), new Set(names.map((name) => key(`odd/${name}`))));
  });

  it('says that an object is not there', async () => {
    const store = use(context);

    assert.equal(await store.headObject(key('nothing')), null);
    await rejectsWith('object_not_found', async () => void (await store.getObject(key('nothing'))));
  });

  it('refuses keys that a path would resolve', async () => {
    const put = (bad: string) =>
      use(context).putObject({ key: bad, body: Buffer.alloc(1), contentType, token: 't' });

    await rejectsWith('invalid_location', () => put(key('../x')));
    await rejectsWith('invalid_location', () => put(''));
    await rejectsWith('invalid_location', () => put('x'.repeat(1025)));
  });
}

function createOnly(context: Context): void {
  const key = (name: string) => `${context.prefix}create/${name}`;
  const put = (name: string, body: string, token: string) =>
    use(context).putObject({ key: key(name), body: Buffer.from(body), contentType, token });

  it('lets a put be repeated', async () => {
    const first = await put('again', 'same bytes', 'token-1');
    const second = await put('again', 'same bytes', 'token-1');

    assert.equal(second.etag, first.etag);
    assert.equal(second.proof, 'read_back');
  });

  it('takes the same bytes from another writer as a repeat', async () => {
    await put('bytes', 'same bytes', 'token-1');

    assert.equal((await put('bytes', 'same bytes', 'token-2')).proof, 'read_back');
  });

  it("never overwrites somebody else's object", async () => {
    await put('taken', 'theirs', 'token-theirs');

    await rejectsWith('object_exists', () => put('taken', 'ours', 'token-ours'));
    assert.equal((await read(use(context), key('taken'))).toString(), 'theirs');
  });

  it('lets exactly one of several writers win', async () => {
    const writers = Array.from({ length: 6 }, (_, i) => put('race', `writer ${i}`, `token-${i}`));
    const results = await Promise.allSettled(writers);

    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    assert.equal(winners.length, 1);
    assert.equal((await read(use(context), key('race'))).toString(), `writer ${winners[0]}`);
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(CausewayError.is(result.reason, 'object_exists'));
    }
  });
}

function uploads(context: Context): void {
  const key = (name: string) => `${context.prefix}uploads/${name}`;

  it('shows nothing of an upload before its completion, and all of it after', async () => {
    const store = use(context);
    const bodies = [randomBytes(5 * mebibyte), randomBytes(1000)];
    const upload = await openUpload(store, key('two-parts'), 'token-u');
    // The last part first: parts come in any order.
    const last = await upload.part(2, bodies[1] ?? Buffer.alloc(0));
    const first = await upload.part(1, bodies[0] ?? Buffer.alloc(0));
    assert.equal(await store.headObject(key('two-parts')), null);
    assert.deepEqual(await keysUnder(store, key('two-parts')), []);

    const written = await upload.complete([last, first]);

    const whole = Buffer.concat(bodies);
    const head = await store.headObject(key('two-parts'));
    assert.deepEqual(head, { bytes: whole.byteLength, etag: written.etag, token: 'token-u' });
    assert.equal(sha256(await read(store, key('two-parts'))), sha256(whole));
  });

  it('replaces a part that is sent again', async () => {
    const store = use(context);
    const upload = await openUpload(store, key('part-again'), 'token-p');
    await upload.part(1, Buffer.from('first try'));
    const part = await upload.part(1, Buffer.from('second try'));

    await upload.complete([part]);

    assert.equal((await read(store, key('part-again'))).toString(), 'second try');
  });

  it('refuses a part that is not what its checksum says', async () => {
    const store = use(context);
    const upload = await openUpload(store, key('corrupted'), 'token-c');
    const { uploadId } = upload;
    const body = Buffer.from('not what was promised');
    const part = { key: key('corrupted'), uploadId, partNumber: 1, body, crc32: 'AAAAAA==' };

    await rejectsWith('integrity_violated', async () => void (await store.uploadPart(part)));
  });

  it('lists uploads until they are completed or aborted', async () => {
    const store = use(context);
    const names = ['listed/a b+c', 'listed/done', 'listed/aborted'].map(key);
    const [open, done, aborted] = await Promise.all(
      names.map((name) => openUpload(store, name, `token of ${name}`)),
    );
    assert.ok(open && done && aborted);
    await done.complete([await done.part(1, Buffer.from('x'))]);
    await aborted.abort();

    assert.deepEqual(await store.listUploads(key('listed/')), [
      { key: names[0], uploadId: open.uploadId },
    ]);
    await open.abort();
    assert.deepEqual(await store.listUploads(key('listed/')), []);
    assert.equal(store.mayHaveStrays(), false);
  });

  it('forgets an aborted upload, however often it is aborted', async () => {
    const store = use(context);
    const upload = await openUpload(store, key('aborted'), 'token-x');
    const part = await upload.part(1, Buffer.from('never seen'));
    await upload.abort();
    await upload.abort();

    await rejectsWith('upload_not_found', () => upload.part(2, Buffer.from('too late')));
    const { namesGoneUploads } = store.capabilities;
    const gone = namesGoneUploads ? 'upload_not_found' : 'store_unavailable';
    await rejectsWith(gone, () => upload.complete([part]));
    assert.equal(await store.headObject(key('aborted')), null);
  });
}

function completions(context: Context): void {
  const key = (name: string) => `${context.prefix}completions/${name}`;

  it('lets a completion be repeated, also by another process', async () => {
    const upload = await openUpload(use(context), key('again'), 'token-1');
    const part = await upload.part(1, Buffer.from('once'));
    const first = await upload.complete([part]);

    const second = await upload.complete([part]);

    assert.equal(second.etag, first.etag);
    assert.notEqual(second.proof, 'unverified');
  });

  it("does not complete over somebody else's object", async () => {
    const store = use(context);
    const upload = await openUpload(store, key('taken'), 'token-ours');
    const part = await upload.part(1, Buffer.from('ours'));
    const body = Buffer.from('theirs');
    await store.putObject({ key: key('taken'), body, contentType, token: 'token-theirs' });

    await rejectsWith('object_exists', () => upload.complete([part]));
    assert.equal((await read(store, key('taken'))).toString(), 'theirs');
  });

  it('lets one of several completions win where the store decides, and the last one elsewhere', async () => {
    const store = use(context);
    const bodies = ['one', 'two', 'three'].map((text) => Buffer.from(`writer ${text}`));
    const uploads = await Promise.all(
      bodies.map(async (body, i) => {
        const upload = await openUpload(store, key('race'), `token-${i}`);
        return { upload, part: await upload.part(1, body) };
      }),
    );

    const results = await Promise.allSettled(
      uploads.map(({ upload, part }) => upload.complete([part])),
    );

    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    assert.ok(winners.length >= 1);
    if (store.capabilities.conditionalComplete) assert.equal(winners.length, 1);
    const stands = (await read(store, key('race'))).toString();
    assert.ok(winners.some((winner) => bodies[winner]?.toString() === stands));
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(CausewayError.is(result.reason, 'object_exists'));
    }
  });

  it('refuses to complete with a part that is not there', async () => {
    const upload = await openUpload(use(context), key('wrong-part'), 'token-w');
    const part = await upload.part(1, Buffer.from('one'));
    const etag = createHash('md5').update('another').digest('hex');

    await rejectsWith('integrity_violated', () => upload.complete([{ ...part, etag }]));
  });
}

function owners(context: Context): void {
  it("never writes to another owner's bucket where the store looks", async () => {
    const store = use(context);
    const { astray } = context;
    assert.ok(astray, 'the bucket was opened as that of another account, too');
    const key = `${context.prefix}astray`;
    const put = () => astray.putObject({ key, body: Buffer.from('x'), contentType, token: 't' });

    if (store.capabilities.expectedBucketOwner) {
      await rejectsWith('access_denied', put);
      assert.equal(await store.headObject(key), null);
    } else {
      await put();
      assert.equal((await store.headObject(key))?.bytes, 1);
    }
  });
}

function listings(context: Context): void {
  it('lists all keys under a prefix in UTF-8 order, and no others', async () => {
    const store = use(context);
    const prefix = `${context.prefix}list/t1/`;
    const names = ['b', 'a/z', 'a', 'B', 'ä', 'a-', 'z/0', '\u{ff5e}', '\u{1f600}'];
    const neighbours = [`${context.prefix}list/t10/x`, `${context.prefix}list/t`];
    for (const key of [...names.map((name) => prefix + name), ...neighbours]) {
      await store.putObject({ key, body: Buffer.from(key), contentType, token: 't' });
    }

    const listed = await keysUnder(store, prefix);

    const inOrder = names
      .map((name) => prefix + name)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(listed, inOrder);
  });

  it('lists nothing where nothing is', async () => {
    assert.deepEqual(await keysUnder(use(context), `${context.prefix}nowhere/`), []);
  });
}

function pages(context: Context): void {
  it('lists more keys than one page holds', async () => {
    const store = use(context);
    const prefix = `${context.prefix}pages/`;
    const count = 1001;
    const keys = Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(5, '0')}`);
    const waiting = [...keys];
    const put = async () => {
      for (let key = waiting.pop(); key; key = waiting.pop()) {
        await store.putObject({ key, body: Buffer.alloc(0), contentType, token: 't' });
      }
    };
    await Promise.all(Array.from({ length: 8 }, put));

    assert.deepEqual(await keysUnder(store, prefix), keys);
  });
}

async function openUpload(store: ObjectStore, key: string, token: string) {
  const uploadId = await store.createMultipartUpload({ key, contentType, token });
  type Parts = Parameters<ObjectStore['completeMultipartUpload']>[0]['parts'];
  return {
    uploadId,
    part: (partNumber: number, body: Uint8Array) =>
      store.uploadPart({ key, uploadId, partNumber, body }),
    complete: (parts: Parts) => store.completeMultipartUpload({ key, uploadId, parts, token }),
    abort: () => store.abortMultipartUpload({ key, uploadId }),
  };
}

async function read(store: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.getObject(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function keysUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of store.listObjects(prefix)) keys.push(object.key);
  return keys;
}

async function rejectsWith(code: ErrorCode, action: () => Promise<unknown>): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(CausewayError.is(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}

function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
