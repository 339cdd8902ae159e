import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckReport, CheckStep } from '@causeway/contract';
import { driftBetween } from './drift.ts';

function report(...steps: (Pick<CheckStep, 'id' | 'verdict'> & Partial<CheckStep>)[]): CheckReport {
  return {
    connectionId: 'conn_1',
    outcome: 'healthy',
    checkedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    steps: steps.map((step) => ({
      title: '',
      message: `${step.id} ${step.verdict}`,
      durationMs: 1,
      ...step,
    })),
  };
}

describe('driftBetween()', () => {
  it('is nothing at the first check, nor between two that agree', () => {
    const one = report({ id: 'scope', verdict: 'passed' });

    assert.deepEqual(driftBetween(null, one), []);
    assert.deepEqual(driftBetween(one, one), []);
  });

  it('names a policy that allows more than before, and one that allows less', () => {
    const narrow = report(
      { id: 'scope', verdict: 'passed' },
      { id: 'prefix.list', verdict: 'passed' },
    );
    const wide = report(
      { id: 'scope', verdict: 'warned' },
      { id: 'prefix.list', verdict: 'passed' },
    );
    const less = report(
      { id: 'scope', verdict: 'passed' },
      { id: 'prefix.list', verdict: 'warned' },
    );

    assert.deepEqual(driftBetween(narrow, wide), [
      { step: 'scope', direction: 'wider', message: 'scope warned' },
    ]);
    assert.deepEqual(driftBetween(wide, narrow), [
      { step: 'scope', direction: 'narrower', message: 'scope passed' },
    ]);
    assert.deepEqual(driftBetween(narrow, less), [
      { step: 'prefix.list', direction: 'narrower', message: 'prefix.list warned' },
    ]);
  });

  it('names advice that is another one than before', () => {
    const one = report({ id: 'scope', verdict: 'warned', cause: 'a' });
    const other = report({ id: 'scope', verdict: 'warned', cause: 'b' });

    assert.equal(driftBetween(one, other)[0]?.direction, 'changed');
  });

  it('leaves failures to the status', () => {
    const good = report({ id: 'object.write', verdict: 'passed' });
    const bad = report({ id: 'object.write', verdict: 'failed' });

    assert.deepEqual(driftBetween(good, bad), []);
    assert.deepEqual(driftBetween(bad, good), []);
  });
});
