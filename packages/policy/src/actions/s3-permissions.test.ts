import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type S3Call, s3Permissions } from '../index.ts';

const on = { bucket: 'acme-data', key: 'a/b.csv' };
const object = 'arn:aws:s3:::acme-data/a/b.csv';
const bucket = 'arn:aws:s3:::acme-data';

describe('s3Permissions()', () => {
  const cases: [call: S3Call, needed: string[]][] = [
    [{ operation: 'UploadPart', ...on }, [`s3:PutObject ${object}`]],
    [
      { operation: 'PutObject', ...on, sets: ['acl', 'tagging'] },
      [`s3:PutObject ${object}`, `s3:PutObjectAcl ${object}`, `s3:PutObjectTagging ${object}`],
    ],
    [{ operation: 'HeadObject', ...on, versioned: true }, [`s3:GetObjectVersion ${object}`]],
    [
      { operation: 'GetObjectAttributes', ...on },
      [`s3:GetObject ${object}`, `s3:GetObjectAttributes ${object}`],
    ],
    [{ operation: 'DeleteObject', ...on, versioned: true }, [`s3:DeleteObjectVersion ${object}`]],
    [
      { operation: 'CopyObject', ...on, source: { bucket: 'other-data', key: 'x' } },
      ['s3:GetObject arn:aws:s3:::other-data/x', `s3:PutObject ${object}`],
    ],
    [{ operation: 'ListObjectsV2', bucket: 'acme-data' }, [`s3:ListBucket ${bucket}`]],
    [
      { operation: 'HeadBucket', bucket: 'acme-data', partition: 'aws-cn' },
      ['s3:ListBucket arn:aws-cn:s3:::acme-data'],
    ],
    [
      { operation: 'PutBucketEncryption', bucket: 'acme-data' },
      [`s3:PutEncryptionConfiguration ${bucket}`],
    ],
    [{ operation: 'ListBuckets' }, ['s3:ListAllMyBuckets *']],
  ];
  for (const [call, needed] of cases) {
    it(`${call.operation} needs ${needed.join(' and ')}`, () => {
      assert.deepEqual(
        s3Permissions(call).map(({ action, resource }) => `${action} ${resource}`),
        needed,
      );
    });
  }

  it('refuses a call that does not say on what', () => {
    assert.throws(
      () => s3Permissions({ operation: 'GetObject', bucket: 'acme-data' }),
      /lacks its key/,
    );
    assert.throws(() => s3Permissions({ operation: 'CopyObject', ...on }), /lacks its source/);
    assert.throws(() => s3Permissions({ operation: 'HeadBucket' }), /lacks its bucket/);
  });
});
