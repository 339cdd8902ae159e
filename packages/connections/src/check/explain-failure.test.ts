import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { newConnection, operator } from '../testing/sample-customer.ts';
import type { CheckDeps } from './check-deps.ts';
import { explainFailure } from './explain-failure.ts';

const deps: CheckDeps = {
  operator,
  credentials: () => assert.fail('it asks nobody'),
  region: 'us-east-1',
};
const { connection } = newConnection();
const { roleArn, roleName } = connection;

const sdkError = (name: string, message = 'm') => Object.assign(new Error(message), { name });

describe('explainFailure()', () => {
  const refused = new CausewayError(
    'role_not_assumable',
    { roleArn },
    { cause: sdkError('AccessDenied') },
  );

  it('lets a role be created, or a statement be added to one that was there before', () => {
    const own = explainFailure(refused, connection, deps);
    const shared = explainFailure(refused, { ...connection, existingRole: true }, deps);

    assert.equal(own?.cause, 'role_not_assumable');
    assert.equal(own.hint, 'Create the role with this name and this trust policy');
    assert.equal(
      shared?.hint,
      `See that role "${roleName}" exists, and add this statement to its trust policy, which keeps what else it says`,
    );
  });

  it('names a clock that is off, though AWS is only said to be unavailable', () => {
    const details = { operation: 'UploadPart', reason: 'r' };
    const skewed = { cause: sdkError('RequestTimeTooSkewed') };

    const found = explainFailure(
      new CausewayError('store_unavailable', details, skewed),
      connection,
      deps,
    );

    assert.deepEqual([found?.cause, found?.side], ['clock_skewed', 'operator']);
  });

  const nothing: [name: string, error: CausewayError][] = [
    ['an object that is there already', new CausewayError('object_exists', { key: 'k' })],
    [
      'a store that does not answer',
      new CausewayError(
        'store_unavailable',
        { operation: 'UploadPart', reason: 'r' },
        { cause: sdkError('TimeoutError') },
      ),
    ],
    [
      'a refusal to read, which a delivery can do without',
      new CausewayError(
        'access_denied',
        { operation: 'HeadObject', resource: 'r' },
        { cause: sdkError('AccessDenied') },
      ),
    ],
  ];
  for (const [name, error] of nothing) {
    it(`says nothing of ${name}`, () => {
      assert.equal(explainFailure(error, connection, deps), null);
    });
  }
});
