import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Access, type CheckStepId, checkStepIds } from '@causeway/contract';
import { newConnection, operator } from '../testing/sample-customer.ts';
import { stepsFor } from './check-connection.ts';
import type { CheckContext, CheckStepDefinition, Finding } from './check-context.ts';
import { runSteps } from './run-steps.ts';

const passed = async (): Promise<Finding> => ({ verdict: 'passed', message: 'fine' });
const failed = async (): Promise<Finding> => ({ verdict: 'failed', message: 'broken' });

function step(id: CheckStepId, change: Partial<CheckStepDefinition> = {}): CheckStepDefinition {
  return { id, title: id, after: [], run: passed, ...change };
}

async function run(...definitions: CheckStepDefinition[]) {
  const halts: unknown[] = [];
  const context = { deps: {}, connection: newConnection().connection } as unknown as CheckContext;
  const steps = await runSteps(definitions, context, 'role.assume', (reason) =>
    halts.push(reason),
  ).catch((error: unknown) => error);
  return { steps, halts };
}

async function verdicts(...definitions: CheckStepDefinition[]) {
  const { steps } = await run(...definitions);
  assert.ok(Array.isArray(steps));
  return steps.map(({ id, verdict, message }) => `${id}: ${verdict} ${message}`);
}

describe('runSteps()', () => {
  it('takes independent steps side by side, and shows them in their fixed order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits = async () => {
      await promise;
      return passed();
    };
    const frees = () => {
      resolve();
      return passed();
    };

    assert.deepEqual(
      await verdicts(step('scope', { run: waits }), step('prefix.list', { run: frees })),
      ['prefix.list: passed fine', 'scope: passed fine'],
    );
  });

  it('skips what needs a step that failed, and names the one that failed first', async () => {
    assert.deepEqual(
      await verdicts(
        step('role.assume', { run: failed }),
        step('bucket.owner', { after: ['session'] }),
        step('prefix.list', { after: ['bucket.owner'] }),
      ),
      [
        'role.assume: failed broken',
        'bucket.owner: skipped Not run, because "role.assume" did not pass',
        'prefix.list: skipped Not run, because "role.assume" did not pass',
      ],
    );
  });

  it('goes on after a warning, and after a step that chose to be skipped', async () => {
    const warned = async (): Promise<Finding> => ({ verdict: 'warned', message: 'so so' });
    const skips = async (): Promise<Finding> => ({ verdict: 'skipped', message: 'no need' });

    assert.deepEqual(
      await verdicts(
        step('bucket.region', { run: warned }),
        step('bucket.owner', { run: skips, after: ['bucket.region'] }),
        step('prefix.list', { after: ['bucket.owner'] }),
      ),
      ['bucket.region: warned so so', 'bucket.owner: skipped no need', 'prefix.list: passed fine'],
    );
  });

  it('withholds a finding that another failure made meaningless', async () => {
    assert.deepEqual(
      await verdicts(
        step('bucket.owner', { run: failed }),
        step('object.write', { run: failed, mootIfFailed: ['bucket.owner'] }),
        step('object.read', { after: ['object.write'] }),
      ),
      [
        'bucket.owner: failed broken',
        'object.write: skipped Not judged, because "bucket.owner" did not pass',
        'object.read: skipped Not run, because "bucket.owner" did not pass',
      ],
    );
  });

  it('awaits what is under way before it throws, and says at once that it will', async () => {
    const outage = new Error('nobody answered');
    let finished = false;
    const slow = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      finished = true;
      return passed();
    };

    const { steps, halts } = await run(
      step('bucket.region', { run: () => Promise.reject(outage) }),
      step('role.assume', { run: slow }),
    );

    assert.equal(steps, outage);
    assert.ok(finished);
    assert.ok(halts.includes(outage));
  });

  it('has steps for every access that need only steps which are there', () => {
    const { connection } = newConnection();
    const accesses: readonly Access[] = ['role'];
    for (const access of accesses) {
      const ids: readonly string[] = stepsFor(
        { ...connection, access } as typeof connection,
        operator,
      ).map(({ id }) => id);
      assert.deepEqual(
        ids,
        checkStepIds.filter((id) => ids.includes(id)),
        'in the order of the contract',
      );
      for (const { after, mootIfFailed = [] } of stepsFor(connection, operator)) {
        for (const id of [...after, ...mootIfFailed]) {
          assert.ok(id === 'session' || ids.includes(id), `${access} has no step ${id}`);
        }
      }
    }
  });
});
