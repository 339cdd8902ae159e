import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { literalPattern } from '../generate/pattern-text.ts';
import {
  type AccessRequest,
  type Decision,
  evaluate,
  type Policy,
  type PolicyKind,
  type PolicySet,
  parsePolicy,
  type Statement,
} from '../index.ts';

const own = '222222222222';
const other = '111111111111';
const callers = [
  '*',
  `arn:aws:iam::${own}:root`,
  `arn:aws:iam::${own}:user/alice`,
  `arn:aws:sts::${own}:assumed-role/loader/run1`,
  `arn:aws:sts::${own}:federated-user/bob`,
  `arn:aws:sts::${other}:assumed-role/loader/run1`,
  'logging.s3.amazonaws.com',
];
const names = [
  '*',
  own,
  other,
  `arn:aws:iam::${own}:user/alice`,
  `arn:aws:iam::${own}:role/loader`,
  `arn:aws:sts::${own}:assumed-role/loader/run1`,
];

const requests: fc.Arbitrary<AccessRequest> = fc.record({
  principal: fc.constantFrom(...callers),
  action: fc.constantFrom('s3:GetObject', 's3:PutObject', 'sts:AssumeRole', 'kms:Decrypt'),
  resource: fc.constantFrom('arn:aws:s3:::b/x', 'arn:aws:s3:::b/y/z', 'arn:aws:kms:::key/1'),
  resourceAccount: fc.constantFrom(own, other),
  context: fc.constantFrom<AccessRequest['context']>(
    {},
    { 'aws:PrincipalTag/t': 'x' },
    { 'aws:PrincipalTag/t': 'y', 'aws:TagKeys': ['x', 'y'] },
  ),
});

const conditions = fc.constantFrom<object>(
  {},
  { StringEquals: { 'aws:PrincipalTag/t': 'x' } },
  { StringNotEquals: { 'aws:PrincipalTag/t': 'x' } },
  { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['x'] } },
  { Null: { 'aws:PrincipalTag/t': 'true' } },
);

function statements(kind: PolicyKind, effects: readonly string[]): fc.Arbitrary<Statement> {
  const principals = fc.oneof(
    fc.constant({ Principal: '*' }),
    fc.constantFrom(...names).map((AWS) => ({ Principal: { AWS } })),
  );
  return fc
    .record({
      Effect: fc.constantFrom(...effects),
      Action: fc.constantFrom('*', 's3:*', 's3:GetObject', 'sts:*', ['s3:PutObject', 'kms:*']),
      Resource: fc.constantFrom('*', 'arn:aws:s3:::b/*', `arn:aws:s3:::b/\${aws:PrincipalTag/t}`),
      Condition: conditions,
      principal: principals,
    })
    .map(({ principal, ...rest }) => {
      const statement = kind === 'resource' ? { ...rest, ...principal } : rest;
      const document = { Version: '2012-10-17', Statement: [statement] };
      const [parsed] = parsePolicy(document, { name: kind, type: kind }).statements;
      assert.ok(parsed);
      return parsed;
    });
}

const both = ['Allow', 'Allow', 'Deny'];
const policies = (kind: PolicyKind, effects = both): fc.Arbitrary<Policy> =>
  fc
    .array(statements(kind, effects), { maxLength: 3 })
    .map((list) => ({ name: kind, version: '2012-10-17', statements: list }));
const identity = policies('identity');
const sets: fc.Arbitrary<PolicySet> = fc.record(
  {
    identityPolicies: fc.array(identity, { maxLength: 2 }),
    resourcePolicy: policies('resource'),
    sessionPolicies: fc.array(identity, { maxLength: 2 }),
    permissionsBoundary: identity,
    serviceControlPolicies: fc.array(fc.array(identity, { maxLength: 2 }), { maxLength: 2 }),
    resourceControlPolicies: fc.array(fc.array(policies('resource'), { maxLength: 2 }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: [] },
);

/** Every way of adding one statement to one policy of a set. */
function additions(set: PolicySet, plain: Statement, withPrincipal: Statement): PolicySet[] {
  const grown = (policy: Policy, statement = plain): Policy => ({
    ...policy,
    statements: [...policy.statements, statement],
  });
  const each = (list: readonly Policy[]): Policy[][] =>
    list.map((_, index) => list.map((policy, at) => (at === index ? grown(policy) : policy)));
  const { resourcePolicy, permissionsBoundary } = set;
  return [
    ...each(set.identityPolicies ?? []).map((list) => ({ ...set, identityPolicies: list })),
    ...each(set.sessionPolicies ?? []).map((list) => ({ ...set, sessionPolicies: list })),
    ...each(set.serviceControlPolicies?.[0] ?? []).map((list) => ({
      ...set,
      serviceControlPolicies: [list, ...(set.serviceControlPolicies ?? []).slice(1)],
    })),
    ...(permissionsBoundary ? [{ ...set, permissionsBoundary: grown(permissionsBoundary) }] : []),
    ...(resourcePolicy ? [{ ...set, resourcePolicy: grown(resourcePolicy, withPrincipal) }] : []),
  ];
}

const allowed = (decision: Decision) => decision.decision === 'allowed';
const runs = { numRuns: 500 };

describe('evaluate(), for any request and any policies', () => {
  it('adding a Deny anywhere never opens', () => {
    const deny = fc.tuple(statements('identity', ['Deny']), statements('resource', ['Deny']));
    fc.assert(
      fc.property(requests, sets, deny, (request, set, [plain, withPrincipal]) => {
        const before = evaluate(request, set);
        for (const more of additions(set, plain, withPrincipal)) {
          const after = evaluate(request, more);
          if (!allowed(before)) assert.ok(!allowed(after), after.because);
          if (before.decision === 'explicit_deny') assert.equal(after.decision, 'explicit_deny');
        }
      }),
      runs,
    );
  });

  it('adding an Allow anywhere never removes an explicit Deny and never closes', () => {
    const allow = fc.tuple(statements('identity', ['Allow']), statements('resource', ['Allow']));
    fc.assert(
      fc.property(requests, sets, allow, (request, set, [plain, withPrincipal]) => {
        const before = evaluate(request, set);
        for (const more of additions(set, plain, withPrincipal)) {
          const after = evaluate(request, more);
          if (before.decision === 'explicit_deny') assert.equal(after.decision, 'explicit_deny');
          if (allowed(before)) assert.ok(allowed(after), after.because);
        }
      }),
      runs,
    );
  });

  it('the order of statements and policies never matters', () => {
    const turned = (policy: Policy): Policy => ({
      ...policy,
      statements: policy.statements.toReversed(),
    });
    fc.assert(
      fc.property(requests, sets, (request, set) => {
        const { resourcePolicy, permissionsBoundary } = set;
        const after = evaluate(request, {
          ...set,
          identityPolicies: (set.identityPolicies ?? []).toReversed().map(turned),
          sessionPolicies: (set.sessionPolicies ?? []).toReversed().map(turned),
          resourcePolicy: resourcePolicy ? turned(resourcePolicy) : null,
          permissionsBoundary: permissionsBoundary ? turned(permissionsBoundary) : null,
        });

        assert.equal(after.decision, evaluate(request, set).decision);
      }),
      runs,
    );
  });

  it('a session policy, a boundary or a policy of the organization only takes away', () => {
    fc.assert(
      fc.property(
        requests,
        sets,
        identity,
        policies('resource'),
        (request, set, extra, control) => {
          const { sessionPolicies, permissionsBoundary, ...without } = set;
          const before = evaluate(request, without);
          const narrowed: PolicySet[] = [
            { ...without, sessionPolicies: [extra] },
            { ...without, permissionsBoundary: extra },
            {
              ...without,
              serviceControlPolicies: [...(set.serviceControlPolicies ?? []), [extra]],
            },
            {
              ...without,
              resourceControlPolicies: [...(set.resourceControlPolicies ?? []), [control]],
            },
          ];
          if (allowed(before)) return;
          for (const more of narrowed) assert.ok(!allowed(evaluate(request, more)));
        },
      ),
      runs,
    );
  });

  it('what a session policy leaves silent is refused, unless the resource names the caller directly', () => {
    const silent: Policy = { name: 'session', version: '2012-10-17', statements: [] };
    fc.assert(
      fc.property(requests, sets, (request, set) => {
        const decision = evaluate(request, { ...set, sessionPolicies: [silent] });
        const hasSession = !['*', 'logging.s3.amazonaws.com'].includes(request.principal);
        if (!hasSession || !allowed(decision)) return;

        const direct = set.resourcePolicy?.statements.some(({ principal }) =>
          principal?.aws.some((name) => name === '*' || name === request.principal),
        );
        assert.ok(direct, decision.because);
        assert.ok(request.principal.includes(`:${request.resourceAccount}:`), decision.because);
      }),
      runs,
    );
  });

  it('the letter case of condition keys never matters, in policies and in the request', () => {
    const loudKeys = (policy: Policy): Policy => ({
      ...policy,
      statements: policy.statements.map((statement) => ({
        ...statement,
        conditions: statement.conditions.map((condition) => ({
          ...condition,
          key: condition.key.toUpperCase(),
        })),
      })),
    });
    fc.assert(
      fc.property(requests, identity, (request, policy) => {
        const context = Object.fromEntries(
          Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value]),
        );
        const before = evaluate(request, { identityPolicies: [policy] });
        const after = evaluate({ ...request, context }, { identityPolicies: [loudKeys(policy)] });

        assert.equal(after.decision, before.decision);
      }),
      runs,
    );
  });

  it('one value means the same as a list of it', () => {
    const listed = (value: unknown): unknown => (Array.isArray(value) ? value : [value]);
    const written = fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Action: fc.constantFrom('*', 's3:GetObject', 's3:*'),
      Resource: fc.constantFrom('*', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/x'),
      value: fc.constantFrom('x', 'y'),
    });
    fc.assert(
      fc.property(requests, fc.array(written, { minLength: 1, maxLength: 3 }), (request, list) => {
        const documentOf = (shape: (value: unknown) => unknown) => ({
          Version: '2012-10-17',
          Statement: list.map(({ value, ...rest }) => ({
            ...rest,
            Action: shape(rest.Action),
            Resource: shape(rest.Resource),
            Condition: { StringEquals: { 'aws:PrincipalTag/t': shape(value) } },
          })),
        });
        const decide = (shape: (value: unknown) => unknown) => {
          const policy = parsePolicy(documentOf(shape), { name: 'p', type: 'identity' });
          return evaluate(request, { identityPolicies: [policy] }).decision;
        };

        assert.equal(
          decide(listed),
          decide((value) => value),
        );
      }),
      runs,
    );
  });

  it('a key written with literalPattern() is matched by itself and by nothing else', () => {
    const keys = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '*', '?', '$', '{', '}', ':', ' ', 'ü', '😀'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(keys, keys, (key, asked) => {
        const document = {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: `arn:aws:s3:::b/${literalPattern(key)}`,
          },
        };
        const policy = parsePolicy(document, { name: 'p', type: 'identity' });
        const decide = (resource: string) =>
          evaluate(
            {
              principal: `arn:aws:iam::${own}:user/alice`,
              action: 's3:GetObject',
              resource: `arn:aws:s3:::b/${resource}`,
              resourceAccount: own,
              context: {},
            },
            { identityPolicies: [policy] },
          );

        assert.ok(allowed(decide(key)), key);
        assert.equal(allowed(decide(asked)), asked === key);
      }),
      { numRuns: 2000 },
    );
  });

  it('an endpoint and the public access block only take away', () => {
    fc.assert(
      fc.property(requests, sets, policies('resource'), (request, set, endpoint) => {
        const before = evaluate(request, set);
        const narrowed: PolicySet[] = [
          { ...set, vpcEndpointPolicies: [endpoint] },
          { ...set, s3: { publicAccessBlock: { restrictPublicBuckets: true } } },
        ];
        for (const more of narrowed) {
          if (!allowed(before)) assert.ok(!allowed(evaluate(request, more)));
        }
      }),
      runs,
    );
  });

  it('the letter case of the action never matters', () => {
    fc.assert(
      fc.property(requests, sets, (request, set) => {
        const loud = { ...request, action: request.action.toUpperCase() };

        assert.equal(evaluate(loud, set).decision, evaluate(request, set).decision);
      }),
      runs,
    );
  });
});
