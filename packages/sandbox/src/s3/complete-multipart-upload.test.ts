import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import { send } from '../testing/raw-request.ts';

const Bucket = 'acme-data';
const mebibytes = 1024 * 1024;
const first = randomBytes(5 * mebibytes);
const second = randomBytes(100_000);
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());

interface Uploaded {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly parts: { PartNumber: number; ETag: string; ChecksumCRC32?: string }[];
}

async function upload(
  Key: string,
  bodies: readonly Buffer[] = [first, second],
  more: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<Uploaded> {
  const created = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  const UploadId = created.UploadId ?? '';
  const parts: Uploaded['parts'] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const part = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    parts.push({
      PartNumber,
      ETag: part.ETag ?? '',
      ...(part.ChecksumCRC32 && { ChecksumCRC32: part.ChecksumCRC32 }),
    });
  }
  return { Bucket, Key, UploadId, parts };
}

function complete(
  { parts, ...upload }: Uploaded,
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) {
  return s3.send(
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts }, ...more }),
  );
}

function crc32Bytes(bytes: Uint8Array): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value;
}

describe('CompleteMultipartUpload', () => {
  it('makes one object of all parts, visible only then', async () => {
    const uploaded = await upload('whole', [first, second], {
      ContentType: 'text/csv',
      Metadata: { 'cw-token': 't' },
    });
    const before = await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' })));

    const done = await complete(uploaded);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole' }));
    const bytes = await got.Body?.transformToByteArray();

    const md5s = [first, second].map((part) => createHash('md5').update(part).digest());
    const etag = `"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-2"`;
    assert.equal(before.status, 404);
    assert.equal(done.ETag, etag);
    assert.equal(done.Key, 'whole');
    assert.equal(got.ETag, etag);
    assert.equal(got.ContentType, 'text/csv');
    assert.deepEqual(got.Metadata, { 'cw-token': 't' });
    assert.ok(bytes && Buffer.concat([first, second]).equals(bytes));
  });

  it('reads ranges across parts, and single parts', async () => {
    await complete(await upload('ranges'));
    const start = first.length - 10;

    const across = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'ranges', Range: `bytes=${start}-${start + 19}` }),
    );
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'ranges', PartNumber: 2 }));

    const expected = Buffer.concat([first, second]).subarray(start, start + 20);
    assert.ok(expected.equals((await across.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
    assert.ok(second.equals((await part.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
    assert.equal(part.PartsCount, 2);
  });

  it('gives a composite checksum, and a full one when asked', async () => {
    const composite = await complete(
      await upload('composite', undefined, { ChecksumAlgorithm: 'CRC32' }),
    );
    const full = await complete(
      await upload('full', undefined, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }),
    );
    const head = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'composite', ChecksumMode: 'ENABLED' }),
    );

    const ofParts = Buffer.concat([crc32Bytes(first), crc32Bytes(second)]);
    assert.equal(composite.ChecksumCRC32, `${crc32Bytes(ofParts).toString('base64')}-2`);
    assert.equal(composite.ChecksumType, 'COMPOSITE');
    assert.equal(full.ChecksumCRC32, crc32Bytes(Buffer.concat([first, second])).toString('base64'));
    assert.equal(full.ChecksumType, 'FULL_OBJECT');
    assert.equal(head.ChecksumCRC32, composite.ChecksumCRC32);
  });

  it('wants the checksum of every part of a composite one, and the right one', async () => {
    const uploaded = await upload('vouched', undefined, { ChecksumAlgorithm: 'CRC32' });
    const [one, two] = uploaded.parts;
    assert.ok(one && two);

    const missing = await failureOf(
      complete({
        ...uploaded,
        parts: uploaded.parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })),
      }),
    );
    const wrong = await failureOf(
      complete({ ...uploaded, parts: [one, { ...two, ChecksumCRC32: 'AAAAAA==' }] }),
    );
    const wrongWhole = await failureOf(complete(uploaded, { ChecksumCRC32: 'AAAAAA==-2' }));
    const ofParts = Buffer.concat([crc32Bytes(first), crc32Bytes(second)]);
    await complete(uploaded, { ChecksumCRC32: `${crc32Bytes(ofParts).toString('base64')}-2` });

    assert.equal(missing.code, 'InvalidRequest');
    assert.match(
      missing.message,
      /must include the checksum for each part. It was missing for part 1/,
    );
    assert.equal(wrong.code, 'InvalidPart');
    assert.equal(wrongWhole.code, 'BadDigest');
  });

  it('refuses a part whose bytes are not what their checksum says', async () => {
    const { UploadId } = await upload('broken', []);
    const failure = await failureOf(
      s3.send(
        new UploadPartCommand({
          Bucket,
          Key: 'broken',
          UploadId,
          PartNumber: 1,
          Body: 'x',
          ChecksumCRC32: 'AAAAAA==',
        }),
      ),
    );

    assert.equal(failure.code, 'BadDigest');
  });

  it('refuses lists of parts that are not in order, not uploaded, or no list', async () => {
    const uploaded = await upload('lists');
    const [one, two] = uploaded.parts;
    assert.ok(one && two);
    const of = (...parts: Uploaded['parts']) => failureOf(complete({ ...uploaded, parts }));

    const order = await of(two, one);
    const twice = await of(one, one);
    const etag = await of({ ...one, ETag: two.ETag });
    const unknown = await of(one, { ...two, PartNumber: 3 });
    const none = await of();

    assert.equal(order.code, 'InvalidPartOrder');
    assert.equal(twice.code, 'InvalidPartOrder');
    assert.equal(etag.code, 'InvalidPart');
    assert.equal(unknown.code, 'InvalidPart');
    assert.equal(none.code, 'MalformedXML');
    for (const failure of [order, twice, etag, unknown, none]) assert.equal(failure.status, 400);
  });

  it('refuses small parts but the last', async () => {
    const failure = await failureOf(complete(await upload('small', [second, second])));

    assert.equal(failure.code, 'EntityTooSmall');
    assert.equal(failure.status, 400);
  });

  it('answers a repeated completion as the first, and a create-only one with 412', async () => {
    const uploaded = await upload('repeated');

    const done = await complete(uploaded, { IfNoneMatch: '*' });
    const again = await complete(uploaded);
    const conditional = await failureOf(complete(uploaded, { IfNoneMatch: '*' }));

    assert.equal(again.ETag, done.ETag);
    assert.equal(again.ChecksumCRC32, done.ChecksumCRC32);
    assert.equal(conditional.status, 412);
  });

  it('creates only, when asked to, and keeps the upload for another try', async () => {
    const uploaded = await upload('taken');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'taken', Body: 'before' }));

    const failure = await failureOf(complete(uploaded, { IfNoneMatch: '*' }));
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'taken' }));
    await complete(uploaded, { IfMatch: ETag });

    assert.equal(failure.status, 412);
    assert.equal(failure.code, 'PreconditionFailed');
  });

  it('knows no upload that was never created, is of another key, or was aborted', async () => {
    const uploaded = await upload('known');
    await s3.send(
      new AbortMultipartUploadCommand({ Bucket, Key: 'known', UploadId: uploaded.UploadId }),
    );

    const aborted = await failureOf(complete(uploaded));
    const again = await failureOf(
      s3.send(
        new AbortMultipartUploadCommand({ Bucket, Key: 'known', UploadId: uploaded.UploadId }),
      ),
    );
    const otherKey = await failureOf(complete({ ...(await upload('mine')), Key: 'yours' }));
    const part = await failureOf(
      s3.send(
        new UploadPartCommand({ Bucket, Key: 'x', UploadId: 'made-up', PartNumber: 1, Body: 'x' }),
      ),
    );

    for (const failure of [aborted, again, otherKey, part]) {
      assert.equal(failure.status, 404);
      assert.equal(failure.code, 'NoSuchUpload');
    }
  });

  it('holds the size of the whole to what the sender says', async () => {
    const uploaded = await upload('sized');

    const failure = await failureOf(complete(uploaded, { MpuObjectSize: 7 }));

    assert.equal(failure.code, 'InvalidRequest');
    await complete(uploaded, { MpuObjectSize: first.length + second.length });
  });

  it('refuses part numbers that S3 has not, and checksums of another kind', async () => {
    const { UploadId } = await upload('numbers', [], { ChecksumAlgorithm: 'SHA256' });
    const part = (number: string, headers: Record<string, string> = {}) =>
      send(sandbox, {
        method: 'PUT',
        path: `/${Bucket}/numbers?partNumber=${number}&uploadId=${UploadId}`,
        credentials: root.acme,
        headers,
        body: 'x',
      });

    for (const number of ['0', '10001', 'x']) {
      assert.match((await part(number)).body, /<Code>InvalidArgument<\/Code>/);
    }
    const mismatch = await part('1', {
      'x-amz-checksum-crc32': crc32Bytes(Buffer.from('x')).toString('base64'),
    });
    assert.match(mismatch.body, /expected checksum Type: sha256, actual checksum Type: crc32/);
  });

  it('needs the right to put the object, and to abort another right', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'putter', [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' },
    ]);
    const putter = s3Of(sandbox, key);
    const { UploadId } = await putter.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'rights' }),
    );

    const abort = await failureOf(
      putter.send(new AbortMultipartUploadCommand({ Bucket, Key: 'rights', UploadId })),
    );
    const parts = await failureOf(
      putter.send(new ListPartsCommand({ Bucket, Key: 'rights', UploadId })),
    );

    assert.match(abort.message, /s3:AbortMultipartUpload/);
    assert.match(parts.message, /s3:ListMultipartUploadParts/);
  });
});

describe('ListParts and ListMultipartUploads', () => {
  it('tell what was uploaded, page by page', async () => {
    const uploaded = await upload('listed', [second, second, second]);

    const page = await s3.send(new ListPartsCommand({ ...uploaded, MaxParts: 2 }));
    const rest = await s3.send(
      new ListPartsCommand({
        ...uploaded,
        ...(page.NextPartNumberMarker && { PartNumberMarker: page.NextPartNumberMarker }),
      }),
    );

    assert.deepEqual(
      page.Parts?.map(({ PartNumber }) => PartNumber),
      [1, 2],
    );
    assert.equal(page.IsTruncated, true);
    assert.deepEqual(
      rest.Parts?.map(({ PartNumber }) => PartNumber),
      [3],
    );
    assert.equal(rest.Parts?.[0]?.ETag, uploaded.parts[2]?.ETag);
    assert.equal(rest.IsTruncated, false);
  });

  it('tell the open uploads of a bucket, by key, and none that is completed', async () => {
    const other = 'acme-uploads';
    await s3.send(new CreateBucketCommand({ Bucket: other }));
    for (const Key of ['u/b', 'u/a', 'u/a', 'v/1', 'v/2']) {
      await s3.send(new CreateMultipartUploadCommand({ Bucket: other, Key }));
    }

    const under = await s3.send(new ListMultipartUploadsCommand({ Bucket: other, Prefix: 'u/' }));
    const rolled = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: other, Delimiter: '/' }),
    );
    const seen: (string | undefined)[] = [];
    let marker = {};
    for (let i = 0; i < 5; i++) {
      const page = await s3.send(
        new ListMultipartUploadsCommand({ Bucket: other, MaxUploads: 1, ...marker }),
      );
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }

    assert.deepEqual(
      under.Uploads?.map(({ Key }) => Key),
      ['u/a', 'u/a', 'u/b'],
    );
    assert.deepEqual(
      rolled.CommonPrefixes?.map(({ Prefix }) => Prefix),
      ['u/', 'v/'],
    );
    assert.equal(new Set(seen).size, 5);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: other }));
    assert.equal(Contents, undefined);
  });
});
