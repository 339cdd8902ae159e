import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateCase, PolicySyntaxError } from '../index.ts';

const request = {
  principal: 'arn:aws:iam::222222222222:user/alice',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::acme-data/a.csv',
  resourceAccount: '222222222222',
  context: {},
};
const read = {
  Version: '2012-10-17',
  Statement: { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
};

describe('evaluateCase()', () => {
  it('answers with decision, reason and statements, and nothing else', () => {
    assert.deepEqual(evaluateCase({ request, identityPolicies: [read] }), {
      decision: 'allowed',
      because:
        '"arn:aws:iam::222222222222:user/alice" may call s3:GetObject on "arn:aws:s3:::acme-data/a.csv": statement "Read" of "identityPolicies[0]" allows it',
      statements: [{ policy: 'identityPolicies[0]', sid: 'Read', effect: 'Allow' }],
    });
  });

  it('takes null and absent policies for none', () => {
    const decision = evaluateCase({
      request,
      identityPolicies: [read],
      resourcePolicy: null,
      sessionPolicies: [],
      permissionsBoundary: null,
      serviceControlPolicies: null,
    });

    assert.equal(decision.decision, 'allowed');
  });

  it('takes policies as text too, and then gives the line of a mistake', () => {
    const identityPolicies = ['{\n"Version": "2012"}'];

    assert.throws(() => evaluateCase({ request, identityPolicies }), {
      name: 'PolicySyntaxError',
      message: /^Cannot read identityPolicies\[0\] at Version \(line 2, column 12\)/,
    });
  });

  it('takes numbers and booleans in the context as IAM writes them', () => {
    const limited = {
      ...read,
      Statement: {
        ...read.Statement,
        Condition: {
          Bool: { 'aws:SecureTransport': 'true' },
          NumericLessThan: { 's3:max-keys': '11' },
        },
      },
    };
    const context = { 'aws:SecureTransport': true, 's3:max-keys': 10 };

    const decision = evaluateCase({
      request: { ...request, context },
      identityPolicies: [limited],
    });

    assert.equal(decision.decision, 'allowed');
  });

  it('reads the settings of S3, and the policies of a VPC endpoint', () => {
    const s3 = {
      publicAccessBlock: { restrictPublicBuckets: true, blockPublicPolicy: false },
      objectOwner: '111111111111',
      ownership: 'ObjectWriter',
      acl: [{ grantee: { account: '222222222222' }, permission: 'READ' }],
    };
    const open = { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } };

    const decision = evaluateCase({
      request,
      identityPolicies: [read],
      vpcEndpointPolicies: [open],
      s3,
    });

    assert.equal(decision.decision, 'allowed');
    assert.deepEqual(
      decision.statements.map(({ policy }) => policy),
      ['vpcEndpointPolicies[0]', 'identityPolicies[0]', 'access control list'],
    );
  });

  const broken: [name: string, json: unknown, message: RegExp][] = [
    ['nothing', undefined, /^Cannot read the case: found nothing/],
    ['a list', [], /Give a JSON object/],
    ['no request', {}, /at request: found nothing/],
    [
      'a misspelt kind of policy',
      { request, sessionPolicy: [read] },
      /at sessionPolicy: .*Use only request, identityPolicies/,
    ],
    [
      'a request without an account',
      { request: { ...request, resourceAccount: undefined } },
      /at request.resourceAccount: found nothing/,
    ],
    [
      'a principal that is none',
      { request: { ...request, principal: 'alice' } },
      /at request.principal: found "alice"/,
    ],
    ['a context that is a list', { request: { ...request, context: [] } }, /at request.context/],
    [
      'a context value that is an object',
      { request: { ...request, context: { a: {} } } },
      /at request.context.a: found {}/,
    ],
    [
      'policies that are no list',
      { request, identityPolicies: read },
      /at identityPolicies.*Give a list/,
    ],
    [
      'a policy that is a number',
      { request, identityPolicies: [1] },
      /at identityPolicies\[0\]: found 1/,
    ],
    [
      'levels that are no lists',
      { request, serviceControlPolicies: [read] },
      /at serviceControlPolicies\[0\]/,
    ],
    [
      'a misspelt setting of S3',
      { request, s3: { publicAccessBlock: { restrictPublicBucket: true } } },
      /at s3.publicAccessBlock.restrictPublicBucket: .*restrictPublicBuckets/,
    ],
    [
      'a setting of S3 that is no boolean',
      { request, s3: { publicAccessBlock: { restrictPublicBuckets: 'true' } } },
      /at s3.publicAccessBlock.restrictPublicBuckets: found "true"/,
    ],
    [
      'an unknown ownership',
      { request, s3: { ownership: 'BucketOwner' } },
      /at s3.ownership: .*BucketOwnerEnforced/,
    ],
    ['an owner that is a name', { request, s3: { objectOwner: 'acme' } }, /12 digits/],
    [
      'a grant without a permission',
      { request, s3: { acl: [{ grantee: { group: 'AllUsers' } }] } },
      /at s3.acl\[0\].permission: found nothing/,
    ],
    [
      'a grantee of two kinds',
      {
        request,
        s3: { acl: [{ grantee: { group: 'AllUsers', account: '1' }, permission: 'READ' }] },
      },
      /at s3.acl\[0\].grantee/,
    ],
    [
      'an endpoint policy without a principal',
      { request, vpcEndpointPolicies: [read] },
      /Cannot read vpcEndpointPolicies\[0\]/,
    ],
    [
      'a bucket policy where a trust policy belongs',
      {
        request: { ...request, action: 'sts:AssumeRole' },
        resourcePolicy: { ...read, Statement: { ...read.Statement, Principal: '*' } },
      },
      /Cannot read resourcePolicy/,
    ],
  ];
  for (const [name, json, message] of broken) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => evaluateCase(json),
        (error) => error instanceof PolicySyntaxError && message.test(error.message),
      );
    });
  }
});
