import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assumeRolePolicy, evaluateCase, trustPolicy } from '../index.ts';

const principalArn = 'arn:aws:iam::111111111111:role/causeway-assumer';
const session = 'arn:aws:sts::111111111111:assumed-role/causeway-assumer/run1';
const externalId = 'cw-0f8fad5bd9cb469fa16570867728950e';
const role = 'arn:aws:iam::222222222222:role/causeway-acme';

function assume(
  principal: string,
  context: object,
  resource = role,
  resourceAccount = '222222222222',
) {
  return evaluateCase({
    request: { principal, action: 'sts:AssumeRole', resource, resourceAccount, context },
    identityPolicies: [assumeRolePolicy({ operatorAccountId: '111111111111' })],
    resourcePolicy: trustPolicy({ principalArn, externalId }),
  }).decision;
}

describe('trustPolicy() with assumeRolePolicy()', () => {
  it("lets the operator's role in with the external ID", () => {
    assert.equal(assume(session, { 'sts:ExternalId': externalId }), 'allowed');
  });

  it('lets a role of the same ARN in after it was deleted and made anew', () => {
    const document = JSON.stringify(
      trustPolicy({ principalArn, externalId }).Statement[0]?.Principal,
    );

    assert.equal(document, '{"AWS":"arn:aws:iam::111111111111:root"}');
  });

  const refused: [name: string, principal: string, context: object][] = [
    ['no external ID', session, {}],
    ['another external ID', session, { 'sts:ExternalId': 'cw-00000000000000000000000000000000' }],
    ['an empty external ID', session, { 'sts:ExternalId': '' }],
    [
      'the external ID in other letter case',
      session,
      { 'sts:ExternalId': externalId.toUpperCase() },
    ],
    ['more than the external ID', session, { 'sts:ExternalId': `${externalId}0` }],
    [
      'another role of the operator',
      'arn:aws:sts::111111111111:assumed-role/other/run1',
      { 'sts:ExternalId': externalId },
    ],
    [
      'a user of the operator',
      'arn:aws:iam::111111111111:user/admin',
      { 'sts:ExternalId': externalId },
    ],
    [
      'the root user of the operator',
      'arn:aws:iam::111111111111:root',
      { 'sts:ExternalId': externalId },
    ],
    [
      'a role of that name in another account',
      'arn:aws:sts::333333333333:assumed-role/causeway-assumer/run1',
      { 'sts:ExternalId': externalId },
    ],
    ['an anonymous caller', '*', { 'sts:ExternalId': externalId }],
    [
      "the customer's own user",
      'arn:aws:iam::222222222222:user/alice',
      { 'sts:ExternalId': externalId },
    ],
  ];
  for (const [name, principal, context] of refused) {
    it(`refuses ${name}`, () => {
      assert.equal(assume(principal, context), 'implicit_deny');
    });
  }

  it("never assumes a role of the operator's own account", () => {
    const own = 'arn:aws:iam::111111111111:role/causeway-admin';

    assert.equal(
      assume(session, { 'sts:ExternalId': externalId }, own, '111111111111'),
      'explicit_deny',
    );
  });

  it('never assumes a role outside the pattern of names', () => {
    const admin = 'arn:aws:iam::222222222222:role/admin';

    assert.equal(assume(session, { 'sts:ExternalId': externalId }, admin), 'implicit_deny');
  });

  it('stays in the partition of the principal', () => {
    const document = trustPolicy({
      principalArn: 'arn:aws-us-gov:iam::111111111111:role/ops/causeway',
      externalId,
    });

    assert.deepEqual(document.Statement[0]?.Principal, {
      AWS: 'arn:aws-us-gov:iam::111111111111:root',
    });
  });

  for (const bad of [
    '',
    principalArn.replace('role', 'group'),
    `${principalArn}*`,
    `${principalArn}\n`,
    session,
    'arn:aws:iam::111111111111:root',
    'arn:aws:iam::1111:role/x',
    `arn:aws:iam::111111111111:role/\${x}`,
  ]) {
    it(`refuses to be written for the principal ${JSON.stringify(bad)}`, () => {
      assert.throws(
        () => trustPolicy({ principalArn: bad, externalId }),
        /Cannot write a policy: principalArn/,
      );
    });
  }

  for (const bad of ['', 'x', 'cw *', `cw-\${aws:username}`, 'x'.repeat(1225)]) {
    it(`refuses to be written with the external ID ${JSON.stringify(bad.slice(0, 30))}`, () => {
      assert.throws(
        () => trustPolicy({ principalArn, externalId: bad }),
        /Cannot write a policy: externalId/,
      );
    });
  }

  it('refuses an operator account or pattern that is not one', () => {
    assert.throws(() => assumeRolePolicy({ operatorAccountId: '1' }), /12 digits/);
    assert.throws(
      () => assumeRolePolicy({ operatorAccountId: '111111111111', rolePattern: 'a:b' }),
      /pattern of names/,
    );
  });
});
