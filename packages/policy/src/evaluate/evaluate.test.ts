import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AccessRequest,
  evaluate,
  type Policy,
  type PolicySet,
  parsePolicy,
} from '../index.ts';

const alice = 'arn:aws:iam::222222222222:user/alice';
const request: AccessRequest = {
  principal: alice,
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::acme-data/a.csv',
  resourceAccount: '222222222222',
  context: {},
};
const assume: AccessRequest = {
  ...request,
  action: 'sts:AssumeRole',
  resource: 'arn:aws:iam::222222222222:role/acme',
};

function statement(effect: 'Allow' | 'Deny', more: object = {}): Policy['statements'][number] {
  const document = { Statement: { Effect: effect, Action: '*', Resource: '*', ...more } };
  const type = 'Principal' in more ? 'resource' : 'identity';
  const [first] = parsePolicy(document, { name: 'p', type }).statements;
  assert.ok(first);
  return first;
}

const policy = (...statements: Policy['statements']): Policy => ({
  name: 'p',
  version: '2012-10-17',
  statements,
});
const allow = policy(statement('Allow'));
const deny = policy(statement('Deny'));
const silent = policy(statement('Allow', { Action: 'ec2:*' }));
const allowAll = policy(statement('Allow', { Principal: { AWS: '222222222222' } }));
const denyAll = policy(statement('Deny', { Principal: '*' }));

describe('evaluate() names the type of policy that refused', () => {
  const cases: [name: string, request: AccessRequest, set: PolicySet, deniedBy: string][] = [
    ['nothing attached', request, {}, 'identity-based'],
    ['an identity policy that denies', request, { identityPolicies: [deny] }, 'identity-based'],
    [
      'a bucket policy that denies',
      request,
      { identityPolicies: [allow], resourcePolicy: denyAll },
      'resource-based',
    ],
    [
      'a silent session policy',
      request,
      { identityPolicies: [allow], sessionPolicies: [silent] },
      'session',
    ],
    [
      'a session policy that denies',
      request,
      { identityPolicies: [allow], sessionPolicies: [deny] },
      'session',
    ],
    [
      'a silent boundary',
      request,
      { identityPolicies: [allow], permissionsBoundary: silent },
      'permissions boundary',
    ],
    [
      'a boundary that denies',
      request,
      { identityPolicies: [allow], permissionsBoundary: deny },
      'permissions boundary',
    ],
    [
      'a silent level of the organization',
      request,
      { identityPolicies: [allow], serviceControlPolicies: [[allow], [silent]] },
      'service control',
    ],
    [
      'a level of the organization that denies',
      request,
      { identityPolicies: [allow], serviceControlPolicies: [[allow, deny]] },
      'service control',
    ],
    [
      'a resource control policy that denies',
      request,
      { identityPolicies: [allow], resourceControlPolicies: [[denyAll]] },
      'resource control',
    ],
    [
      'a trust policy that says nothing',
      assume,
      { identityPolicies: [allow], resourcePolicy: policy() },
      'role trust',
    ],
    [
      'a trust policy that denies',
      assume,
      { identityPolicies: [allow], resourcePolicy: denyAll },
      'role trust',
    ],
    ['a missing permission to assume', assume, { resourcePolicy: allowAll }, 'identity-based'],
    [
      'a missing bucket policy of another account',
      { ...request, resourceAccount: '333333333333' },
      { identityPolicies: [allow] },
      'resource-based',
    ],
    [
      'a silent VPC endpoint policy',
      request,
      { identityPolicies: [allow], vpcEndpointPolicies: [policy()] },
      'VPC endpoint',
    ],
    [
      'a VPC endpoint policy that denies',
      request,
      { identityPolicies: [allow], vpcEndpointPolicies: [denyAll] },
      'VPC endpoint',
    ],
    [
      'a public policy in a bucket that blocks it',
      { ...request, principal: '*' },
      {
        resourcePolicy: policy(statement('Allow', { Principal: '*' })),
        s3: { publicAccessBlock: { restrictPublicBuckets: true } },
      },
      'public access block',
    ],
    [
      'an object of another owner that grants nothing',
      request,
      {
        identityPolicies: [allow],
        s3: { ownership: 'ObjectWriter', objectOwner: '333333333333' },
      },
      'access control list',
    ],
    ['an anonymous caller', { ...request, principal: '*' }, {}, 'resource-based'],
  ];
  for (const [name, asked, set, deniedBy] of cases) {
    it(`for ${name}: ${deniedBy}`, () => {
      const decision = evaluate(asked, set);

      assert.notEqual(decision.decision, 'allowed');
      assert.equal(decision.deniedBy, deniedBy, decision.because);
    });
  }

  it('and none when it allows', () => {
    const decision = evaluate(request, { identityPolicies: [allow] });

    assert.deepEqual(decision, {
      decision: 'allowed',
      because: `"${alice}" may call s3:GetObject on "arn:aws:s3:::acme-data/a.csv": statement 1 of "p" allows it`,
      statements: [{ policy: 'p', sid: null, effect: 'Allow' }],
    });
  });
});

describe('evaluate()', () => {
  it('cites every statement that denies', () => {
    const two = policy(statement('Deny', { Sid: 'First' }), statement('Deny', { Sid: 'Second' }));

    const decision = evaluate(request, { identityPolicies: [two] });

    assert.deepEqual(
      decision.statements.map(({ sid }) => sid),
      ['First', 'Second'],
    );
  });

  it('cites both sides when it allows across accounts', () => {
    const decision = evaluate(
      { ...request, resourceAccount: '333333333333' },
      {
        identityPolicies: [{ ...allow, name: 'ours' }],
        resourcePolicy: { ...allowAll, name: 'theirs' },
      },
    );

    assert.deepEqual(
      decision.statements.map(({ policy: name }) => name),
      ['ours', 'theirs'],
    );
  });

  it('never applies a bucket-policy statement without a principal', () => {
    assert.equal(evaluate(request, { resourcePolicy: allow }).decision, 'implicit_deny');
  });

  for (const principal of [
    '',
    'alice',
    'arn:aws:s3:::acme-data',
    'arn:aws:iam::1:user/alice',
    'arn:aws:iam::222222222222:group/all',
  ]) {
    it(`refuses to decide for "${principal}", who cannot be a caller`, () => {
      assert.throws(() => evaluate({ ...request, principal }, {}), /is no principal of AWS/);
    });
  }
});
