import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluateCase, type PolicyDocument, permissionsPolicy, sessionPolicy } from '../index.ts';

const bucket = 'arn:aws:s3:::acme-data';
const session = 'arn:aws:sts::222222222222:assumed-role/causeway-acme/run1';
const whole = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

function decide(policies: object, action: string, resource: string, context: object = {}): string {
  const request = {
    principal: session,
    action,
    resource,
    resourceAccount: '222222222222',
    context,
  };
  return evaluateCase({ request, ...policies }).decision;
}

/** What a delivery does under `prefix`, and things next to it that nobody may do. */
function needed(prefix: string): [action: string, resource: string, context?: object][] {
  const key = `${bucket}/${prefix}flights/dt=2024-01-01/run_1_00000.parquet`;
  return [
    ['s3:PutObject', key],
    ['s3:PutObject', `${bucket}/${prefix}_causeway/check-1`],
    ['s3:AbortMultipartUpload', key],
    ['s3:GetObject', key],
    ['s3:ListBucket', bucket, { 's3:prefix': prefix }],
    ['s3:ListBucket', bucket, { 's3:prefix': `${prefix}flights/` }],
  ];
}

const wider: [action: string, resource: string, context?: object][] = [
  ['s3:PutObject', `${bucket}/causeway2/x`],
  ['s3:PutObject', `${bucket}/causeway`],
  ['s3:PutObject', `${bucket}/other/x`],
  ['s3:PutObject', `${bucket}/Causeway/x`],
  ['s3:PutObject', `${bucket}/x/causeway/x`],
  ['s3:PutObject', 'arn:aws:s3:::acme-data2/causeway/x'],
  ['s3:PutObject', 'arn:aws:s3:::globex-data/causeway/x'],
  ['s3:GetObject', `${bucket}/causeway2/x`],
  ['s3:GetObject', `${bucket}/private.csv`],
  ['s3:ListBucket', bucket],
  ['s3:ListBucket', bucket, { 's3:prefix': '' }],
  ['s3:ListBucket', bucket, { 's3:prefix': 'causeway' }],
  ['s3:ListBucket', bucket, { 's3:prefix': 'causeway2/' }],
  ['s3:ListBucket', 'arn:aws:s3:::globex-data', { 's3:prefix': 'causeway/' }],
  ['s3:ListBucketVersions', bucket, { 's3:prefix': 'causeway/' }],
  ['s3:DeleteObject', `${bucket}/causeway/x`],
  ['s3:DeleteObjectVersion', `${bucket}/causeway/x`],
  ['s3:GetObjectVersion', `${bucket}/causeway/x`],
  ['s3:PutObjectAcl', `${bucket}/causeway/x`],
  ['s3:PutObjectTagging', `${bucket}/causeway/x`],
  ['s3:PutObjectRetention', `${bucket}/causeway/x`],
  ['s3:BypassGovernanceRetention', `${bucket}/causeway/x`],
  ['s3:PutBucketPolicy', bucket],
  ['s3:PutBucketAcl', bucket],
  ['s3:PutLifecycleConfiguration', bucket],
  ['s3:DeleteBucket', bucket],
  ['s3:ListAllMyBuckets', '*'],
  ['iam:PassRole', 'arn:aws:iam::222222222222:role/admin'],
  ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/admin'],
];

const generated: [name: string, policies: object][] = [
  [
    'permissionsPolicy()',
    {
      identityPolicies: [
        permissionsPolicy({ bucket: 'acme-data', prefix: 'causeway/', capabilities: ['deliver'] }),
      ],
    },
  ],
  [
    'sessionPolicy() of a role that may do everything',
    {
      identityPolicies: [whole],
      sessionPolicies: [
        sessionPolicy({ bucket: 'acme-data', prefixes: ['causeway/'], capabilities: ['deliver'] }),
      ],
    },
  ],
];
for (const [name, policies] of generated) {
  describe(name, () => {
    for (const [action, resource, context] of needed('causeway/')) {
      it(`allows ${action} on ${resource} ${JSON.stringify(context ?? '')}`, () => {
        assert.equal(decide(policies, action, resource, context), 'allowed');
      });
    }
    for (const [action, resource, context] of wider) {
      it(`does not allow ${action} on ${resource} ${JSON.stringify(context ?? '')}`, () => {
        assert.equal(decide(policies, action, resource, context), 'implicit_deny');
      });
    }
  });
}

describe('permissionsPolicy()', () => {
  it('is the document of the setup guide', () => {
    const objects = 'arn:aws:s3:::acme-data/causeway/*';
    const expected: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Write',
          Effect: 'Allow',
          Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
          Resource: objects,
        },
        {
          Sid: 'List',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::acme-data',
          Condition: { StringLike: { 's3:prefix': ['causeway/', 'causeway/*'] } },
        },
        { Sid: 'Verify', Effect: 'Allow', Action: 's3:GetObject', Resource: objects },
      ],
    };

    assert.deepEqual(
      permissionsPolicy({ bucket: 'acme-data', prefix: 'causeway/', capabilities: ['deliver'] }),
      expected,
    );
  });

  it('covers the whole bucket, and no other, when there is no prefix', () => {
    const document = permissionsPolicy({
      bucket: 'acme-data',
      prefix: '',
      capabilities: ['deliver'],
    });
    const policies = { identityPolicies: [document] };

    for (const [action, resource, context] of needed('')) {
      assert.equal(decide(policies, action, resource, context), 'allowed');
    }
    assert.equal(decide(policies, 's3:ListBucket', bucket), 'allowed');
    assert.equal(decide(policies, 's3:PutObject', 'arn:aws:s3:::acme-data2/x'), 'implicit_deny');
    assert.equal(decide(policies, 's3:DeleteObject', `${bucket}/x`), 'implicit_deny');
  });

  it('is written for the partition of the bucket', () => {
    const text = JSON.stringify(
      permissionsPolicy({
        bucket: 'acme-data',
        prefix: 'a/',
        capabilities: ['deliver'],
        partition: 'aws-cn',
      }),
    );

    assert.ok(text.includes('arn:aws-cn:s3:::acme-data/a/*'));
    assert.ok(!text.includes('arn:aws:'));
  });

  const bad: [name: string, input: Parameters<typeof permissionsPolicy>[0]][] = [
    [
      'a prefix without its slash',
      { bucket: 'acme-data', prefix: 't1', capabilities: ['deliver'] },
    ],
    [
      'a prefix with a leading slash',
      { bucket: 'acme-data', prefix: '/t1/', capabilities: ['deliver'] },
    ],
    ['a bucket with a wildcard', { bucket: 'acme-*', prefix: '', capabilities: ['deliver'] }],
    [
      'a bucket that is an ARN',
      { bucket: 'arn:aws:s3:::x', prefix: '', capabilities: ['deliver'] },
    ],
    ['no capability', { bucket: 'acme-data', prefix: '', capabilities: [] }],
    [
      'an unknown partition',
      { bucket: 'acme-data', prefix: '', capabilities: ['deliver'], partition: '*' },
    ],
  ];
  for (const [name, input] of bad) {
    it(`refuses to be written for ${name}`, () => {
      assert.throws(() => permissionsPolicy(input), /^PolicyInputError: Cannot write a policy/);
    });
  }

  it('takes every character of a prefix literally', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '?', '$', '{', '}', '/'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(part, part, (mine, theirs) => {
        const prefix = `p${mine}/`;
        const document = permissionsPolicy({
          bucket: 'acme-data',
          prefix,
          capabilities: ['deliver'],
        });
        const key = `p${theirs}/x`;

        assert.equal(
          decide({ identityPolicies: [document] }, 's3:PutObject', `${bucket}/${key}`),
          key.startsWith(prefix) ? 'allowed' : 'implicit_deny',
        );
      }),
    );
  });
});

describe('permissionsPolicy() of files with tags and lists', () => {
  const place = { bucket: 'acme-data', prefix: 'causeway/', capabilities: ['deliver'] } as const;
  const under = 'causeway/flights/x';
  const list = { 's3:x-amz-acl': 'bucket-owner-full-control' };
  const asked = (sets: object, at = under) => {
    const role = permissionsPolicy({ ...place, ...sets });
    const narrowed = sessionPolicy({ ...place, ...sets, prefixes: ['causeway/flights/'] });
    const policies = { identityPolicies: [role], sessionPolicies: [narrowed] };
    return [
      decide(policies, 's3:PutObjectTagging', `${bucket}/${at}`),
      decide(policies, 's3:PutObjectAcl', `${bucket}/${at}`, list),
      decide(policies, 's3:PutObjectAcl', `${bucket}/${at}`, { 's3:x-amz-acl': 'public-read' }),
    ];
  };
  const no = 'implicit_deny';

  it('has the right for what is set, under the prefix alone', () => {
    assert.deepEqual(asked({}), [no, no, no]);
    assert.deepEqual(asked({ setsTags: true }), ['allowed', no, no]);
    assert.deepEqual(asked({ setsAcl: true }), [no, 'allowed', no]);
    assert.deepEqual(asked({ setsTags: true, setsAcl: true }, 'elsewhere/x'), [no, no, no]);
  });

  it('has neither for who only reads', () => {
    const reads = { ...place, capabilities: ['ingest'], setsTags: true, setsAcl: true } as const;

    assert.doesNotMatch(JSON.stringify(permissionsPolicy(reads)), /PutObject/);
  });
});
