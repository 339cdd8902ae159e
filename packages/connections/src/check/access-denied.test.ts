import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAccessDenied } from './access-denied.ts';

const user =
  'User: arn:aws:sts::222222222222:assumed-role/causeway-1/s is not authorized to perform: ';
const object = 'on resource: "arn:aws:s3:::acme-data/causeway/x" ';

describe('parseAccessDenied()', () => {
  const cases = [
    {
      name: 'a missing statement in the role',
      message: `${user}s3:PutObject ${object}because no identity-based policy allows the s3:PutObject action`,
      expected: { kind: 'missing_allow', policyType: 'identity-based', action: 's3:PutObject' },
    },
    {
      name: 'a missing statement in a session policy',
      message: `${user}s3:PutObject ${object}because no session policy allows the s3:PutObject action`,
      expected: { kind: 'missing_allow', policyType: 'session', action: 's3:PutObject' },
    },
    {
      name: 'a Deny in the bucket policy',
      message: `${user}s3:PutObject ${object}with an explicit deny in a resource-based policy`,
      expected: { kind: 'explicit_deny', policyType: 'resource-based', action: 's3:PutObject' },
    },
    {
      name: 'a Deny in an organization policy, with its ARN',
      message: `${user}s3:ListBucket with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1`,
      expected: { kind: 'explicit_deny', policyType: 'service control', action: 's3:ListBucket' },
    },
    {
      name: 'a permissions boundary',
      message: `${user}s3:PutObject ${object}because no permissions boundary allows the s3:PutObject action`,
      expected: {
        kind: 'missing_allow',
        policyType: 'permissions boundary',
        action: 's3:PutObject',
      },
    },
    {
      name: 'the bare text across accounts',
      message: 'Access Denied',
      expected: { kind: 'unknown', policyType: null, action: null },
    },
    {
      name: 'a text of the future',
      message: `${user}s3:PutObject for reasons nobody knows yet`,
      expected: { kind: 'unknown', policyType: null, action: 's3:PutObject' },
    },
    {
      name: 'an explicit deny in a permissions boundary, which AWS does not call a policy',
      message: `${user}s3:PutObject ${object}with an explicit deny in a permissions boundary`,
      expected: {
        kind: 'explicit_deny',
        policyType: 'permissions boundary',
        action: 's3:PutObject',
      },
    },
    {
      name: 'a VPC endpoint',
      message: `${user}s3:PutObject ${object}because no VPC endpoint policy allows the s3:PutObject action`,
      expected: { kind: 'missing_allow', policyType: 'VPC endpoint', action: 's3:PutObject' },
    },
    {
      name: 'a resource control policy',
      message: `${user}s3:PutObject ${object}with an explicit deny in a resource control policy`,
      expected: { kind: 'explicit_deny', policyType: 'resource control', action: 's3:PutObject' },
    },
    {
      name: "the trust policy, which is the role's own",
      message: `${user}sts:AssumeRole on resource: arn:aws:iam::222222222222:role/r with an explicit deny in the role trust policy`,
      expected: { kind: 'explicit_deny', policyType: 'role trust', action: 'sts:AssumeRole' },
    },
    {
      name: 'the text of KMS for callers of other accounts',
      message: `${user}kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      expected: {
        kind: 'missing_allow',
        policyType: 'resource-based',
        action: 'kms:GenerateDataKey',
      },
    },
  ] as const;

  for (const { name, message, expected } of cases) {
    it(`reads ${name}`, () => {
      const { resource: _resource, policyArn: _policyArn, ...denial } = parseAccessDenied(message);

      assert.deepEqual(denial, expected);
    });
  }

  it('finds the resource, quoted by S3 or not, and the ARN of the policy', () => {
    const key = 'arn:aws:kms:us-east-1:222222222222:key/k';
    const policy = 'arn:aws:organizations::1:policy/o-1/p-1';

    assert.equal(
      parseAccessDenied(`${user}s3:PutObject ${object}`).resource,
      'arn:aws:s3:::acme-data/causeway/x',
    );
    assert.equal(
      parseAccessDenied(
        `${user}kms:Decrypt on resource: ${key} because no identity-based policy allows the kms:Decrypt action`,
      ).resource,
      key,
    );
    assert.equal(
      parseAccessDenied(
        `${user}s3:ListBucket with an explicit deny in a service control policy: ${policy}`,
      ).policyArn,
      policy,
    );
  });
});
