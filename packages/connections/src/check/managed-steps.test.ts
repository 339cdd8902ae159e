import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CheckReport, ManagedConnection } from '@causeway/contract';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import type { Keys } from '../testing/customer-user.ts';
import { operator } from '../testing/sample-customer.ts';
import { managedOperator, newManaged } from '../testing/sample-managed.ts';
import { checkConnection } from './check-connection.ts';

let sandbox: Sandbox;
let keys: Keys;
let ours: ReturnType<typeof managedOperator>;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  keys = await createOperator(sandbox.url);
  ours = managedOperator(sandbox.url, keys);
});
after(() => sandbox.close());

const check = (connection: ManagedConnection): Promise<CheckReport> =>
  checkConnection(connection, {
    operator,
    credentials: async () => keys,
    region: 'us-east-1',
    endpoint: sandbox.url,
  });

function faults({ steps }: CheckReport): string[] {
  return steps
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
    .map(({ id, verdict, cause }) => `${id}: ${verdict} ${cause}`);
}

describe('checkConnection() of a managed bucket', () => {
  for (const access of ['bucket_policy', 'operator_role'] as const) {
    it(`is healthy as it was made by ${access}`, async () => {
      const change = access === 'operator_role' ? { externalId: 'generated' } : {};
      const made = await ours.provision(
        newManaged(access, { capabilities: ['deliver', 'ingest', 'browse'], ...change }),
      );

      const report = await check(made);

      assert.deepEqual(faults(report), []);
      assert.equal(report.outcome, 'healthy');
      assert.equal(
        report.steps.some(({ id }) => id === 'managed.role_foreign'),
        access === 'operator_role',
      );
    });
  }

  it('finds no fault with one that was made when there were no receipts, until they are turned on', async () => {
    for (const access of ['bucket_policy', 'operator_role'] as const) {
      const made = await ours.provision(newManaged(access, { receipts: false }));
      assert.deepEqual(faults(await check(made)), []);
      // What the connection says decides: the bucket is not as it must be then.
      const [fault] = faults(await check({ ...made, receipts: true }));
      const step = access === 'bucket_policy' ? 'policy' : 'role';
      assert.equal(fault, `managed.${step}: failed managed_${step}_changed`);

      const wider = await ours.changeAccess(made, access, { receipts: true });

      assert.deepEqual(faults(await check(wider)), []);
    }
  });

  it('says of a bucket that was not made yet what to do', async () => {
    const report = await check(newManaged('bucket_policy'));

    const step = report.steps.find(({ id }) => id === 'managed.settings');
    assert.equal(step?.cause, 'managed_bucket_missing');
    assert.match(step.fix?.text ?? '', /Provision the connection/);
  });
});
