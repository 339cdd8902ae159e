import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planWindow } from './plan-window.ts';

const sourceVersion = '2026-11-20T08:00:00.000Z';
const now = new Date('2026-11-22T10:00:00Z');
const lastDelivered = { from: null, to: '2026-11-21T10:00:00.000Z' };

describe('planWindow()', () => {
  it('ends a full delivery at the version of its source, whatever was delivered before', () => {
    const window = { from: null, to: '2026-11-20T08:00:00.000Z' };
    assert.deepEqual(planWindow({ mode: 'full', sourceVersion, now, lastDelivered: null }), window);
    assert.deepEqual(planWindow({ mode: 'full', sourceVersion, now, lastDelivered }), window);
  });

  it('begins an incremental delivery where the last one ended', () => {
    assert.deepEqual(planWindow({ mode: 'incremental', sourceVersion, now, lastDelivered }), {
      from: '2026-11-21T10:00:00.000Z',
      to: '2026-11-22T10:00:00.000Z',
    });
  });

  it('begins the first incremental delivery at the beginning', () => {
    const window = planWindow({ mode: 'incremental', sourceVersion, now, lastDelivered: null });
    assert.equal(window.from, null);
  });

  it('takes the window that was asked for', () => {
    const requested = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
    assert.deepEqual(
      planWindow({ mode: 'incremental', sourceVersion, now, lastDelivered, requested }),
      requested,
    );
  });
});
