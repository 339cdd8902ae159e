import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckOutcome, CheckReport, CheckStep } from '@causeway/contract';
import { statusAfter } from './status-after.ts';

function report(outcome: CheckOutcome, ...failed: Partial<CheckStep>[]): CheckReport {
  const steps = failed.map((step) => ({
    id: 'object.write' as const,
    title: 'Write',
    verdict: 'failed' as const,
    message: 'No',
    durationMs: 1,
    ...step,
  }));
  return {
    connectionId: 'conn_1',
    outcome,
    checkedAt: '2026-11-22T09:00:00.000Z',
    durationMs: 1,
    steps,
  };
}

const shutOut = { id: 'role.assume', side: 'customer', cause: 'role_not_assumable' } as const;

describe('statusAfter()', () => {
  it('is active after a healthy check, whatever was before', () => {
    for (const before of ['draft', 'failing', 'insecure', 'revoked', 'needs_customer'] as const) {
      assert.equal(statusAfter(report('healthy'), before), 'active');
    }
  });

  it("says whose turn it is, the operator's first", () => {
    const denied = { side: 'customer', cause: 'write_denied' } as const;
    const skewed = { side: 'operator', cause: 'clock_skewed' } as const;

    assert.equal(statusAfter(report('failing', denied), 'draft'), 'needs_customer');
    assert.equal(statusAfter(report('failing', skewed), 'active'), 'failing');
    assert.equal(statusAfter(report('failing', denied, skewed), 'draft'), 'failing');
  });

  it('is revoked once an active connection is let in no more, and stays so', () => {
    assert.equal(statusAfter(report('failing', shutOut), 'active'), 'revoked');
    assert.equal(statusAfter(report('failing', shutOut), 'revoked'), 'revoked');
    assert.equal(statusAfter(report('failing', shutOut), 'draft'), 'needs_customer');
  });

  it('is insecure when a proof of refusal failed', () => {
    assert.equal(statusAfter(report('insecure', shutOut), 'active'), 'insecure');
  });

  it('leaves what a person has paused, which only a person resumes', () => {
    for (const outcome of ['healthy', 'failing', 'insecure'] as const) {
      assert.equal(statusAfter(report(outcome), 'paused'), 'paused');
    }
  });
});
