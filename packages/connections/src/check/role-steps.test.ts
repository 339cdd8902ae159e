import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { CheckReport } from '@causeway/contract';
import { newConnection, operator } from '../testing/sample-customer.ts';
import { checkConnection } from './check-connection.ts';

/**
 * What STS says of the caller's own policies, which no sandbox can be brought to say: it
 * keeps to what AWS documents across accounts.
 */
describe('checkConnection(), when STS refuses', () => {
  let refusal = { status: 403, code: 'AccessDenied', message: '' };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const action = new URLSearchParams(await text(request)).get('Action');
    if (action === null) {
      response.writeHead(403, { 'x-amz-bucket-region': 'us-east-1' }).end();
      return;
    }
    if (action === 'GetCallerIdentity') {
      const identity = `<Account>${operator.accountId}</Account><Arn>${operator.principalArn}</Arn>`;
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${identity}</GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
      );
      return;
    }
    const { status, code, message } = refusal;
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-2</RequestId></ErrorResponse>`,
    );
  };
  const server = createServer((request, response) => void answer(request, response));
  before(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function assumption(found: typeof refusal): Promise<CheckReport['steps'][number]> {
    refusal = found;
    const report = await checkConnection(newConnection().connection, {
      operator,
      credentials: async () => ({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }),
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const step = report.steps.find(({ id }) => id === 'role.assume');
    assert.ok(step);
    return step;
  }

  it("takes a refusal by the operator's own policy for the operator's affair", async () => {
    const step = await assumption({
      status: 403,
      code: 'AccessDenied',
      message: `User: ${operator.principalArn} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/r because no identity-based policy allows the sts:AssumeRole action`,
    });

    assert.equal(step.cause, 'operator_not_allowed');
    assert.equal(step.side, 'operator');
    assert.match(JSON.stringify(step.fix?.policy), /"sts:AssumeRole".*role\/causeway-\*/);
  });

  it('says which region of STS is not activated', async () => {
    const message = 'STS is not activated in this region for account:222222222222';
    const step = await assumption({ status: 403, code: 'RegionDisabledException', message });

    assert.equal(step.cause, 'sts_region_disabled');
    assert.equal(step.side, 'customer');
  });

  it('holds a clock that is off for a fault of our host', async () => {
    const message =
      'Signature expired: 20261122T000000Z is now earlier than 20261122T001500Z (20261122T003000Z - 15 min.)';
    const step = await assumption({ status: 403, code: 'SignatureDoesNotMatch', message });

    assert.equal(step.cause, 'clock_skewed');
    assert.equal(step.side, 'operator');
  });
});
