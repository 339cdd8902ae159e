import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionInfo, actionsLike, s3ResourceTypes } from './action-info.ts';
import { s3Operations, s3Permissions } from './s3-permissions.ts';

describe('actionInfo()', () => {
  it('knows level, resources and condition keys of an action in any letter case', () => {
    const info = actionInfo('S3:putOBJECT');

    assert.ok(info);
    assert.equal(info.name, 's3:PutObject');
    assert.equal(info.accessLevel, 'Write');
    assert.ok(info.resourceTypes.includes('object'));
    assert.ok(info.conditionKeys.includes('s3:if-none-match'));
    assert.ok(info.conditionKeys.includes('s3:TlsVersion'));
    assert.ok(info.conditionKeys.includes('s3:RequestObjectTag/*'));
  });

  it('knows the actions of STS and KMS', () => {
    assert.ok(actionInfo('sts:AssumeRole')?.conditionKeys.includes('sts:ExternalId'));
    assert.ok(actionInfo('kms:GenerateDataKey')?.conditionKeys.includes('kms:ViaService'));
    assert.equal(actionInfo('s3:PutBucketPolicy')?.accessLevel, 'Permissions management');
    assert.deepEqual(actionInfo('s3:ListAllMyBuckets')?.resourceTypes, []);
  });

  for (const action of ['s3:PutObjects', 'ec2:RunInstances', 'PutObject', '*', '', 'toString:x']) {
    it(`knows no action "${action}"`, () => assert.equal(actionInfo(action), null));
  }

  it('knows every action that a call of S3 asks for, on the type of resource it asks for', () => {
    for (const operation of s3Operations) {
      const source = { bucket: 'acme-data', key: 'b' };
      const needed = [true, false].flatMap((versioned) =>
        s3Permissions({ operation, bucket: 'acme-data', key: 'a', source, versioned }),
      );
      for (const { action, resource } of needed) {
        const info = actionInfo(action);
        assert.ok(info, action);
        if (resource === '*') continue;
        const [type = ''] = s3ResourceTypes(resource);
        assert.ok(info.resourceTypes.includes(type), `${action} on ${type}`);
      }
    }
  });
});

describe('actionsLike()', () => {
  it('lists what a pattern covers', () => {
    const names = actionsLike('s3:*MultipartUpload*')?.map(({ name }) => name);

    assert.deepEqual(names, [
      's3:AbortMultipartUpload',
      's3:ListBucketMultipartUploads',
      's3:ListMultipartUploadParts',
    ]);
  });

  it('covers every action by "*", none by a misspelt name, and does not know of other services', () => {
    assert.ok((actionsLike('*')?.length ?? 0) > 240);
    assert.deepEqual(actionsLike('s3:GetObjekt'), []);
    assert.equal(actionsLike('ec2:*'), null);
  });
});

describe('s3ResourceTypes()', () => {
  const cases: [pattern: string, types: string[]][] = [
    ['arn:aws:s3:::acme', ['bucket']],
    ['arn:aws:s3:::acme/', ['object']],
    ['arn:aws:s3:::acme/*', ['object']],
    ['arn:aws-cn:s3:::acme/a/b.csv', ['object']],
    ['arn:aws:s3:::acme*', ['bucket', 'object']],
    ['arn:aws:s3:::*/a', ['bucket', 'object']],
    ['arn:aws:s3:::ac?e', ['bucket']],
    ['arn:aws:sqs:us-east-1:222222222222:q', []],
    ['acme', []],
  ];
  for (const [pattern, types] of cases) {
    it(`"${pattern}": ${types.join(' or ') || 'none'}`, () => {
      assert.deepEqual(s3ResourceTypes(pattern), types);
    });
  }

  it('an ARN with an account is an access point or the like, never a bucket', () => {
    const types = s3ResourceTypes('arn:aws:s3:us-east-1:222222222222:accesspoint/p');

    assert.ok(types.includes('accesspoint'));
    assert.ok(!types.includes('bucket') && !types.includes('object'));
  });
});
