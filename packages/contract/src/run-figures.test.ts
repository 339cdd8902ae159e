import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fractionDone } from './run-figures.ts';
import type { RecipientState, RunState } from './runs.ts';

function fractionOf(state: RunState, ...states: readonly RecipientState[]): number | null {
  return fractionDone({ state, recipients: states.map((each) => ({ state: each })) });
}

describe('fractionDone()', () => {
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
