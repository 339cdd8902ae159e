import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, ConnectionCreate, type PlacedConnection } from '@causeway/contract';
import { endpointRules } from '@causeway/objectstore';
import { createConnection } from '../create-connection.ts';
import { issuer, newConnection, operator } from '../testing/sample-customer.ts';
import { endpointFinding } from './endpoint-finding.ts';

const endpoint = 'https://store.invalid:9000';
const elsewhere = createConnection(
  ConnectionCreate.parse({
    access: 'access_key',
    customerId: 'cus_1',
    location: 's3://acme-data/causeway/',
    endpoint,
  }),
  { operator, issuer, endpoints: endpointRules([endpoint]) },
) as PlacedConnection;

/** What `attempt` throws when the network answers with this code, and no store does. */
function failure(code: string): CausewayError {
  const cause = Object.assign(new Error(`getaddrinfo ${code} store.invalid`), { code });
  const details = { operation: 's3:HeadBucket', reason: cause.message };
  return new CausewayError('store_unavailable', details, { cause });
}

describe('endpointFinding()', () => {
  it('holds a name without an address for a fault of the connection that has it', () => {
    const finding = endpointFinding(elsewhere, failure('ENOTFOUND'));

    assert.equal(finding?.cause, 'endpoint_not_found');
    assert.equal(finding?.side, 'operator');
    assert.match(finding?.message ?? '', /store\.invalid:9000/);
    assert.equal(finding?.evidence?.operation, 's3:HeadBucket');
  });

  it('concludes nothing where AWS has no address, or nobody answers for the moment', () => {
    const { connection } = newConnection();

    assert.equal(endpointFinding(connection, failure('ENOTFOUND')), null);
    assert.equal(endpointFinding(elsewhere, failure('ECONNREFUSED')), null);
    assert.equal(endpointFinding(elsewhere, new Error('a bug')), null);
  });
});
