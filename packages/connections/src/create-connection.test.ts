import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, Connection, ConnectionCreate } from '@causeway/contract';
import { createConnection } from './create-connection.ts';

const operator = {
  accountId: '111111111111',
  principalArn: 'arn:aws:iam::111111111111:user/causeway',
  region: 'us-east-1',
};
const issuer = { url: 'https://causeway.example.com', audience: 'sts.amazonaws.com' };
const create = (change: object = {}, as = operator) => {
  const connection = createConnection(input(change), { operator: as, issuer });
  assert.ok(connection.access === 'role');
  return connection;
};
const input = (change: object = {}) =>
  ConnectionCreate.parse({
    customerId: 'cus_1',
    location: 's3://acme-data/causeway',
    accountId: '222222222222',
    ...change,
  });

describe('createConnection()', () => {
  it('fixes everything that a customer needs before the role exists', () => {
    const connection = create();

    assert.ok(Connection.safeParse(connection).success);
    assert.equal(connection.status, 'draft');
    assert.equal(connection.prefix, 'causeway/');
    assert.match(connection.externalId, /^cw-[0-9a-z]{26}$/);
    assert.match(connection.roleName, /^causeway-[0-9a-z]{12}$/);
    assert.equal(connection.roleArn, `arn:aws:iam::222222222222:role/${connection.roleName}`);
  });

  it('makes another external ID for every connection', () => {
    const ids = new Set(Array.from({ length: 200 }, () => create().externalId));
    assert.equal(ids.size, 200);
  });

  it('takes no external ID and no role name from a request', () => {
    for (const field of ['externalId', 'roleName', 'existingRole', 'subject']) {
      assert.equal(ConnectionCreate.safeParse({ ...input(), [field]: 'x' }).success, false);
    }
  });

  it('stays in the partition of the operator', () => {
    const china = { ...operator, principalArn: 'arn:aws-cn:iam::111111111111:role/causeway' };
    assert.match(create({}, china).roleArn ?? '', /^arn:aws-cn:iam::222222222222:role\//);
  });

  it("refuses the operator's own account, whose roles need no external ID", () => {
    assert.throws(
      () => create({ accountId: '111111111111' }),
      (error) => CausewayError.is(error, 'account_not_allowed'),
    );
  });

  it('refuses a location that is none', () => {
    for (const location of ['acme-data', 's3://Acme_Data/', 's3://acme-data/a/../b', 's3://a/x']) {
      assert.throws(
        () => create({ location }),
        (error) => CausewayError.is(error, 'invalid_location'),
        location,
      );
    }
  });
});
