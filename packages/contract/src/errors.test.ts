import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from './errors.ts';

describe('CausewayError', () => {
  const error = new CausewayError('role_not_assumable', { roleArn: 'arn:aws:iam::1:role/x' });

  it('says what was found and what to do', () => {
    assert.equal(error.code, 'role_not_assumable');
    assert.match(error.message, /^Cannot assume role "arn:aws:iam::1:role\/x": /);
    assert.match(error.hint, /trust policy/);
    assert.equal(error.status, 422);
    assert.equal(error.retry, 'after_fix');
  });

  it('keeps its cause', () => {
    const cause = new Error('AccessDenied');
    assert.equal(new CausewayError('not_found', { kind: 'run', id: 'x' }, { cause }).cause, cause);
  });

  it('is told from other errors, and by its code', () => {
    assert.ok(CausewayError.is(error));
    assert.ok(CausewayError.is(error, 'role_not_assumable'));
    assert.ok(!CausewayError.is(error, 'not_found'));
    for (const other of [new Error('x'), null, undefined, 'x', { code: 'not_found' }]) {
      assert.ok(!CausewayError.is(other));
    }
  });
});
