import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CausewayError,
  type Connection,
  ConnectionCreate,
  type ErrorCode,
} from '@causeway/contract';
import { createConnection } from './create-connection.ts';
import { issuer, operator } from './testing/sample-customer.ts';
import { confirmAccount, updateConnection } from './update-connection.ts';

const active = (input: object): Connection => ({
  ...createConnection(ConnectionCreate.parse({ customerId: 'cus_1', ...input }), {
    operator,
    issuer,
  }),
  status: 'active',
});
const role = (change: object = {}) =>
  active({ location: 's3://acme-data/causeway/', accountId: '222222222222', ...change });
const managed = () =>
  active({ access: 'bucket_policy', resourceId: 'acme', accountId: '222222222222' });
const code = (expected: ErrorCode) => (error: unknown) => CausewayError.is(error, expected);

describe('updateConnection()', () => {
  it('renames without touching what was proved', () => {
    const before = role();

    assert.deepEqual(updateConnection(before, { name: 'Archive' }, operator), {
      ...before,
      name: 'Archive',
    });
  });

  it('makes a draft of what is written otherwise, where that is possible', () => {
    const before = role();
    const tagged = updateConnection(before, { writeOptions: { tags: { team: 'a' } } }, operator);
    const store = active({ access: 'access_key', location: 's3://data/in/' });
    assert.ok(store.access === 'access_key');
    const elsewhere = { ...store, endpoint: 'https://s3.example.com' };
    const keyed = { writeOptions: { kmsKeyArn: 'arn:aws:kms:eu-west-1:222222222222:key/1' } };

    assert.deepEqual([tagged.status, tagged.lastCheck], ['draft', null]);
    assert.deepEqual(updateConnection(before, { writeOptions: { acl: null } }, operator), before);
    assert.equal(updateConnection(store, keyed, operator).status, 'draft');
    assert.throws(() => updateConnection(elsewhere, keyed, operator), code('invalid_request'));
    assert.throws(() => updateConnection(managed(), keyed, operator), code('invalid_request'));
  });

  it('fills in the place and the account, and with it the ARN of the role', () => {
    const draft = active({});

    const known = updateConnection(
      draft,
      { location: 's3://acme-data/in', accountId: '222222222222' },
      operator,
    );

    assert.ok(known.access === 'role');
    assert.equal(known.bucket, 'acme-data');
    assert.equal(known.prefix, 'in/');
    assert.equal(known.roleArn, `arn:aws:iam::222222222222:role/${known.roleName}`);
  });

  it('makes a draft of what gets another place or account, with the same external ID', () => {
    const before = role();
    for (const update of [{ location: 's3://other-data/' }, { accountId: '333333333333' }]) {
      const moved = updateConnection(before, update, operator);

      assert.equal(moved.status, 'draft');
      assert.equal(moved.lastCheck, null);
      assert.ok(moved.access === 'role' && before.access === 'role');
      assert.equal(moved.externalId, before.externalId);
    }
  });

  it('pauses, and lets what resumes show again that it works', () => {
    const paused = updateConnection(role(), { paused: true }, operator);

    assert.equal(paused.status, 'paused');
    assert.equal(updateConnection(paused, { paused: false }, operator).status, 'draft');
    assert.equal(updateConnection(role(), { paused: false }, operator).status, 'active');
  });

  it("refuses the operator's own account, and places that are none", () => {
    const update = (change: object) => () => updateConnection(role(), change, operator);

    assert.throws(update({ accountId: operator.accountId }), code('account_not_allowed'));
    assert.throws(update({ location: 's3://acme-data/../x' }), code('invalid_location'));
  });

  it('leaves managed buckets where they are', () => {
    const update = (change: object) => () => updateConnection(managed(), change, operator);

    assert.throws(update({ location: 's3://acme-data/' }), code('change_not_possible'));
    assert.throws(update({ accountId: '333333333333' }), code('change_not_possible'));
  });
});

describe('confirmAccount()', () => {
  it('takes the account that the connection has, and no other', () => {
    const unconfirmed = { ...role(), accountConfirmed: false };

    assert.equal(confirmAccount(unconfirmed, '222222222222').accountConfirmed, true);
    assert.throws(() => confirmAccount(unconfirmed, '333333333333'), code('account_mismatch'));
  });
});
