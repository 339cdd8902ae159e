import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecipientState, Run, RunState } from '@causeway/contract';
import { toProgress } from './run-progress.ts';

function fractionOf(state: RunState, ...states: readonly RecipientState[]): number | null {
  const recipients = states.map((each, i) => ({ customerId: `cus_${i}`, state: each, bytes: 10 }));
  return toProgress({ id: 'run_1', state, recipients } as unknown as Run).fractionDone;
}

describe('toProgress()', () => {
  it('tells how many of several customers are done with', () => {
    assert.equal(fractionOf('running', 'planned', 'preparing', 'prepared', 'committing'), 0);
    assert.equal(fractionOf('running', 'delivered', 'failed', 'unchanged', 'preparing'), 0.75);
  });

  it('claims nothing of one customer alone before the end', () => {
    assert.equal(fractionOf('running', 'preparing'), null);
    assert.equal(fractionOf('succeeded', 'delivered'), 1);
  });

  it('is 1 once the run has ended, however that came', () => {
    assert.equal(fractionOf('partial', 'delivered', 'failed'), 1);
    assert.equal(fractionOf('failed', 'failed'), 1);
  });
});
