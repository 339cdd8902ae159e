import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, type CheckReport, type PlacedConnection } from '@causeway/contract';
import { createCheckGate } from './check-gate.ts';

const connection = {
  id: 'conn_1',
  customerId: 'cus_1',
  bucket: 'acme-data',
  prefix: 'causeway/',
  accountId: '222222222222',
} as PlacedConnection;

/** Checks that end when the test says so. */
function heldChecks() {
  const begun: { readonly signal: AbortSignal; end(report: CheckReport): void }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<CheckReport>((resolve, reject) => {
      begun.push({ signal, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  return { begun, work };
}

const report = (durationMs: number) => ({ connectionId: 'conn_1', durationMs }) as CheckReport;

describe('createCheckGate()', () => {
  it('gives those who ask at the same time the same check', async () => {
    const gate = createCheckGate();
    const { begun, work } = heldChecks();

    const both = [gate.check(connection, work), gate.check(connection, work)];
    begun[0]?.end(report(1));
    assert.deepEqual(await Promise.all(both), [report(1), report(1)]);
    const later = gate.check(connection, work);
    begun[1]?.end(report(2));

    assert.deepEqual(await later, report(2));
    assert.equal(begun.length, 2);
  });

  it('does not give the check of one place to who asks for another', async () => {
    const gate = createCheckGate();
    const { begun, work } = heldChecks();

    const first = gate.check(connection, work);
    const second = gate.check({ ...connection, bucket: 'globex-data' }, work);
    begun[1]?.end(report(2));
    begun[0]?.end(report(1));

    assert.deepEqual(await Promise.all([first, second]), [report(1), report(2)]);
  });

  it('breaks a check off when the last who waits for it has gone, and begins anew', async () => {
    const gate = createCheckGate();
    const { begun, work } = heldChecks();
    const one = new AbortController();
    const other = new AbortController();
    const both = [
      gate.check(connection, work, one.signal),
      gate.check(connection, work, other.signal),
    ];

    one.abort();
    assert.equal(begun[0]?.signal.aborted, false);
    other.abort();
    assert.equal(begun[0]?.signal.aborted, true);
    const again = gate.check(connection, work);
    begun[1]?.end(report(2));

    for (const { status } of await Promise.allSettled(both)) assert.equal(status, 'rejected');
    assert.deepEqual(await again, report(2));
  });

  it('refuses a customer that checks without end, whichever of its connections', async () => {
    const gate = createCheckGate();
    const check = (n: number, customerId = 'cus_1') =>
      gate.check({ ...connection, id: `conn_${n}`, customerId }, async () => report(n));

    for (let n = 0; n < 30; n++) await check(n);

    await assert.rejects(check(31), (error) => CausewayError.is(error, 'too_many_requests'));
    assert.deepEqual(await check(1, 'cus_2'), report(1));
  });
});
