import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Sandbox, startSandbox } from './start-sandbox.ts';
import { root } from './testing/clients.ts';
import { send } from './testing/raw-request.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ port: 0 });
});
after(() => sandbox.close());

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const says = (service: string) =>
  new RegExp(`The sandbox does not have the service ("|&quot;)${service}\\1\\. It has S3, STS, `);

describe('a request for a service that the sandbox does not have', () => {
  for (const [service, what, start, headers] of [
    ['ec2', 'its own XML', '<Response><Errors><Error><Code>UnknownService<', form],
    ['rds', 'the XML of forms', '<ErrorResponse><Error><Type>Receiver<', form],
    ['route53', 'XML', '<ErrorResponse><Error><Type>Receiver<', {}],
    ['s3express', 'the XML of S3', '<Error><Code>UnknownService<', {}],
    ['lambda', 'JSON', '{"__type":"UnknownService",', {}],
    ['dynamodb', 'JSON', '{"__type":"UnknownService",', { 'x-amz-target': 'D.ListTables' }],
  ] as const) {
    it(`is refused by that name, to ${service} in ${what}`, async () => {
      const method = service === 'route53' || service === 'lambda' ? 'GET' : 'POST';
      const answer = await send(sandbox, {
        method,
        path: service === 'lambda' ? '/2015-03-31/functions/' : '/',
        headers,
        credentials: root.acme,
        service,
      });

      assert.equal(answer.status, 501);
      assert.ok(answer.body.includes(start), answer.body);
      assert.match(answer.body.replaceAll('\\"', '"'), says(service));
    });
  }
});
