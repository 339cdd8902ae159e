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
      message: `${user}s3:PutObject because no permissions boundary policy allows the s3:PutObject action`,
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
  ] as const;

  for (const { name, message, expected } of cases) {
    it(`reads ${name}`, () => assert.deepEqual(parseAccessDenied(message), expected));
  }
});
