import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import { startChecksum } from './checksums/checksum.ts';

const Bucket = 'acme-attributes';
const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
let sandbox: Sandbox;
let s3: S3Client;
/** Sends no checksum that is not asked for. */
let silent: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  silent = s3Of(sandbox, root.acme, {
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());

const all: GetObjectAttributesCommandInput['ObjectAttributes'] = [
  'ETag',
  'Checksum',
  'ObjectParts',
  'StorageClass',
  'ObjectSize',
];
const attributes = (Key: string, more: Partial<GetObjectAttributesCommandInput> = {}) =>
  s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: all, ...more }));

function checksum(algorithm: ChecksumAlgorithm, ...pieces: readonly (string | Buffer)[]): string {
  const running = startChecksum(algorithm as (typeof algorithms)[number]);
  for (const piece of pieces) running.update(Buffer.from(piece));
  return running.digest().toString('base64');
}

/** Uploads two parts; the first has 5 MiB. */
async function putParts(
  client: S3Client,
  Key: string,
  how: { ChecksumAlgorithm?: ChecksumAlgorithm; ChecksumType?: 'FULL_OBJECT' | 'COMPOSITE' } = {},
) {
  const pieces = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.from('end')];
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...how }));
  const Parts = [];
  for (const [index, Body] of pieces.entries()) {
    const PartNumber = index + 1;
    const { $metadata, ...sent } = await client.send(
      new UploadPartCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        Body,
        ...(how.ChecksumAlgorithm && { ChecksumAlgorithm: how.ChecksumAlgorithm }),
      }),
    );
    Parts.push({ PartNumber, ...sent });
  }
  const completed = await client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts },
      ChecksumType: how.ChecksumType,
    }),
  );
  return { pieces, completed };
}

describe('checksums', () => {
  for (const algorithm of algorithms) {
    it(`of ${algorithm} are verified, kept and told`, async () => {
      const Key = `put-${algorithm}`;
      await s3.send(
        new PutObjectCommand({ Bucket, Key, Body: 'hello', ChecksumAlgorithm: algorithm }),
      );

      const { Checksum } = await attributes(Key);
      const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

      const name = `Checksum${algorithm}` as const;
      assert.equal(Checksum?.[name], checksum(algorithm, 'hello'));
      assert.equal(Checksum?.ChecksumType, 'FULL_OBJECT');
      assert.equal(got[name], checksum(algorithm, 'hello'));
      assert.equal(await got.Body?.transformToString(), 'hello');
      const wrong = new PutObjectCommand({
        Bucket,
        Key,
        Body: 'hello',
        [name]: checksum(algorithm, 'other'),
      });
      assert.equal((await failureOf(s3.send(wrong))).code, 'BadDigest');
    });
  }

  it('are CRC64NVME when the sender gives none', async () => {
    const put = await silent.send(new PutObjectCommand({ Bucket, Key: 'default', Body: 'hello' }));
    const { pieces, completed } = await putParts(silent, 'default-parts');

    assert.equal(put.ChecksumCRC64NVME, checksum('CRC64NVME', 'hello'));
    assert.equal(put.ChecksumType, 'FULL_OBJECT');
    assert.equal(completed.ChecksumCRC64NVME, checksum('CRC64NVME', ...pieces));
    assert.equal(completed.ChecksumType, 'FULL_OBJECT');
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'default' }));
    assert.deepEqual(
      Contents?.map((one) => one.ChecksumAlgorithm),
      [['CRC64NVME'], ['CRC64NVME']],
    );
  });

  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
    it(`of ${algorithm} can be those of a whole object of parts`, async () => {
      const how = { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' } as const;
      const { pieces, completed } = await putParts(s3, `full-${algorithm}`, how);

      assert.equal(completed[`Checksum${algorithm}`], checksum(algorithm, ...pieces));
      const { Checksum } = await attributes(`full-${algorithm}`);
      assert.equal(Checksum?.ChecksumType, 'FULL_OBJECT');
    });
  }
});

describe('GetObjectAttributes', () => {
  it('tells size, class and the parts page by page', async () => {
    const { pieces, completed } = await putParts(s3, 'parts', { ChecksumAlgorithm: 'SHA256' });
    const values = pieces.map((piece) => checksum('SHA256', piece));

    const whole = await attributes('parts');
    const first = await attributes('parts', { MaxParts: 1 });
    const second = await attributes('parts', { PartNumberMarker: '1' });

    assert.equal(`"${whole.ETag}"`, completed.ETag);
    assert.ok(whole.LastModified);
    assert.deepEqual([whole.ObjectSize, whole.StorageClass], [5 * 1024 * 1024 + 3, 'STANDARD']);
    const composite = checksum('SHA256', ...values.map((value) => Buffer.from(value, 'base64')));
    assert.deepEqual(whole.Checksum, { ChecksumSHA256: composite, ChecksumType: 'COMPOSITE' });
    assert.equal(whole.ObjectParts?.TotalPartsCount, 2);
    assert.deepEqual(whole.ObjectParts?.Parts, [
      { PartNumber: 1, Size: 5 * 1024 * 1024, ChecksumSHA256: values[0] },
      { PartNumber: 2, Size: 3, ChecksumSHA256: values[1] },
    ]);
    assert.deepEqual(
      [first.ObjectParts?.IsTruncated, first.ObjectParts?.NextPartNumberMarker],
      [true, '1'],
    );
    assert.deepEqual(
      second.ObjectParts?.Parts?.map(({ PartNumber }) => PartNumber),
      [2],
    );
    assert.equal(second.ObjectParts?.IsTruncated, false);
    const part = new HeadObjectCommand({
      Bucket,
      Key: 'parts',
      PartNumber: 2,
      ChecksumMode: 'ENABLED',
    });
    assert.equal((await s3.send(part)).ChecksumSHA256, values[1]);
  });

  it('tells of parts without checksums only how many they are', async () => {
    await putParts(silent, 'bare');

    const { ObjectParts } = await attributes('bare');

    assert.deepEqual(ObjectParts, { TotalPartsCount: 2 });
  });

  it('tells nothing that was not asked for', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'x' }));

    const { $metadata, LastModified, ...told } = await attributes('plain', {
      ObjectAttributes: ['ObjectSize'],
    });

    assert.deepEqual(told, { ObjectSize: 1 });
    const wrong = attributes('plain', { ObjectAttributes: ['Colour' as 'ETag'] });
    assert.equal((await failureOf(wrong)).code, 'InvalidArgument');
  });

  it('takes a right of its own beside that to read', async () => {
    const key = await createUserWithKey(sandbox, root.acme, 'reader', [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    ]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'mine', Body: 'x' }));

    const command = new GetObjectAttributesCommand({ Bucket, Key: 'mine', ObjectAttributes: all });
    const failure = await failureOf(s3Of(sandbox, key).send(command));

    assert.match(failure.message, /perform: s3:GetObjectAttributes on resource/);
  });
});
