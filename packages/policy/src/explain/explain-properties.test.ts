import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AccessRequest, evaluateCase, explainCase } from '../index.ts';
import { applyChange, type Case } from '../testing/apply-change.ts';

const own = '222222222222';
const other = '111111111111';
const bucket = 'arn:aws:s3:::acme-data';
const contexts: readonly AccessRequest['context'][] = [
  {},
  { 'aws:SecureTransport': 'true', 'aws:SourceIp': '203.0.113.7' },
  { 'aws:SecureTransport': 'false' },
  { 's3:prefix': 'in/', 'aws:PrincipalTag/team': 'data' },
];

const asked = fc.constantFrom(
  { action: 's3:GetObject', resource: `${bucket}/in/a.csv` },
  { action: 's3:PutObject', resource: `${bucket}/in/a.csv` },
  { action: 's3:PutObject', resource: `${bucket}/in/a*?$.csv` },
  { action: 's3:ListBucket', resource: bucket },
);
const s3Requests = fc
  .record({
    principal: fc.constantFrom(
      '*',
      `arn:aws:iam::${own}:root`,
      `arn:aws:iam::${own}:user/alice`,
      `arn:aws:sts::${own}:assumed-role/loader/run1`,
      `arn:aws:sts::${other}:assumed-role/loader/run1`,
      'logging.s3.amazonaws.com',
    ),
    asked,
    resourceAccount: fc.constant(own),
    context: fc.constantFrom(...contexts),
  })
  .map(({ asked: call, ...request }) => ({ ...request, ...call }));

const conditions = fc.constantFrom<object>(
  {},
  {},
  { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'sales' } } },
  { Condition: { StringNotEquals: { 'aws:PrincipalTag/team': ['sales', 'law'] } } },
  { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  { Condition: { Bool: { 'aws:SecureTransport': true } } },
  { Condition: { StringLike: { 's3:prefix': ['in/*', 'out/'] } } },
  { Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
  { Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } } },
  { Condition: { ArnNotEquals: { 'aws:PrincipalArn': [`arn:aws:iam::${own}:role/admin`] } } },
);
const actions = fc.constantFrom<object>(
  { Action: '*' },
  { Action: 's3:*' },
  { Action: 's3:GetObject' },
  { Action: ['s3:PutObject', 's3:GetObject'] },
  { Action: 's3:Put*' },
  { NotAction: ['s3:ListBucket', 's3:GetObject'] },
);
const resources = fc.constantFrom<object>(
  { Resource: '*' },
  { Resource: `${bucket}/*` },
  { Resource: bucket },
  { Resource: [`${bucket}/in/a.csv`, `${bucket}/out/*`] },
  { NotResource: [`${bucket}/in/*`, bucket] },
);
const principals = fc.constantFrom<object>(
  { Principal: '*' },
  { Principal: { AWS: own } },
  { Principal: { AWS: [`arn:aws:iam::${own}:user/bob`, `arn:aws:iam::${own}:user/alice`] } },
  { Principal: { AWS: `arn:aws:iam::${own}:role/loader` } },
  { Principal: { Service: 'delivery.logs.amazonaws.com' } },
);
const effects = fc.constantFrom('Allow', 'Allow', 'Deny');

function documents(withPrincipal: boolean): fc.Arbitrary<object> {
  const statement = fc
    .tuple(effects, actions, resources, conditions, withPrincipal ? principals : fc.constant({}))
    .map(([Effect, ...parts]) => Object.assign({ Effect }, ...parts) as object);
  return fc
    .tuple(
      fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
      fc.oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 })),
    )
    .map(([Version, Statement]) => ({ Version, Statement }));
}

const plain = documents(false);
const cases: fc.Arbitrary<Case & { request: AccessRequest }> = fc.record(
  {
    request: s3Requests,
    identityPolicies: fc.array(plain, { maxLength: 2 }),
    resourcePolicy: documents(true),
    sessionPolicies: fc.array(plain, { maxLength: 1 }),
    permissionsBoundary: plain,
    serviceControlPolicies: fc.array(fc.array(plain, { maxLength: 2 }), { maxLength: 2 }),
  },
  { requiredKeys: ['request'] },
);

describe('explainCase(), for any request and any policies', () => {
  it('proposes a change that allows what was asked, and nothing around it', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(cases, (given) => {
        const { decision, change } = explainCase(given);
        assert.equal(change === null, decision === 'allowed');
        seen.set(change?.of ?? 'allowed', (seen.get(change?.of ?? 'allowed') ?? 0) + 1);
        if (!change || change.of === 'nothing') return;

        const changed = applyChange(given, change);

        const after = evaluateCase(changed);
        assert.equal(after.decision, 'allowed', `${change.text}: ${after.because}`);
        assertNothingElse(given, changed);
      }),
      { numRuns: 300 },
    );

    // Or the property would hold for an explanation that never dares to propose anything.
    for (const kind of ['policies', 'request', 'both', 'nothing', 'allowed']) {
      assert.ok((seen.get(kind) ?? 0) > 0, `${kind}: ${JSON.stringify([...seen])}`);
    }
  });

  it('answers the evaluation cases likewise', () => {
    for (const given of evaluationCases()) {
      const { change } = explainCase(given);
      if (!change || change.of === 'nothing') continue;

      const after = evaluateCase(applyChange(given, change));

      assert.equal(after.decision, 'allowed', `${given['name']}: ${change.text}: ${after.because}`);
    }
  });
});

/** The same caller's requests around the one that was asked, and that one by a caller who may do everything. */
function assertNothingElse(given: Case & { request: AccessRequest }, changed: Case): void {
  const context = (changed.request.context ?? {}) as AccessRequest['context'];
  const asked = { ...given.request, context };
  const isList = asked.resource === bucket;
  const object = isList ? `${bucket}/in/a.csv` : asked.resource;
  const around: AccessRequest[] = [
    ...(isList
      ? []
      : [`${asked.resource}-other`, `${bucket}/elsewhere/b.csv`].map((resource) => ({
          ...asked,
          resource,
        }))),
    { ...asked, action: isList ? 's3:ListBucketVersions' : 's3:GetObjectVersion' },
    { ...asked, action: 's3:DeleteObject', resource: object },
    { ...asked, action: 's3:DeleteBucket', resource: bucket },
    ...['s3:GetObject', 's3:PutObject']
      .filter((action) => action !== asked.action)
      .map((action) => ({ ...asked, action, resource: object })),
  ];
  for (const request of around) {
    const was = evaluateCase({ ...given, request }).decision === 'allowed';
    const is = evaluateCase({ ...changed, request }).decision === 'allowed';
    assert.equal(is, was, `${request.action} on ${request.resource}`);
  }
  for (const principal of [`${own}:user/mallory`, `${other}:user/mallory`, `${own}:user/bob`]) {
    const mayNow = (policies: Case): boolean => {
      const { sessionPolicies: _s, permissionsBoundary: _b, ...rest } = policies;
      const request = { ...asked, principal: `arn:aws:iam::${principal}` };
      const decided = evaluateCase({ ...rest, identityPolicies: [everything], request });
      return decided.decision === 'allowed';
    };
    assert.equal(mayNow(changed), mayNow(given), principal);
  }
}

const everything = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
};

function evaluationCases(): Case[] {
  const folder = new URL('../cases/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
        given: Case;
        cases: Case[];
      };
      return file.cases.map(({ says: _, ...each }) => ({
        ...file.given,
        ...each,
        request: { ...file.given.request, ...each.request },
      }));
    });
}
