import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckReport, CheckStep } from './checks.ts';
import { type HealthFacts, healthOf } from './health.ts';

const since = '2026-01-02T03:04:05.678Z';

function health(change: Partial<HealthFacts>) {
  const shown = healthOf({
    status: 'active',
    accountId: '222222222222',
    accountConfirmed: true,
    lastCheck: report(),
    since,
    nextCheckAt: null,
    ...change,
  });
  return { label: shown.label, reason: shown.reason, next: shown.nextAction };
}

function report(...steps: Partial<CheckStep>[]): CheckReport {
  return {
    connectionId: 'conn_1',
    outcome: 'failing',
    checkedAt: since,
    durationMs: 1,
    steps: steps.map((step) => ({
      id: 'role.assume',
      title: 'The role can be assumed',
      verdict: 'failed',
      message: 'It cannot',
      durationMs: 1,
      ...step,
    })),
  };
}

const refused = report({
  side: 'customer',
  fix: { document: 'trustPolicy', text: 'Replace the trust policy' },
});

describe('healthOf()', () => {
  it('asks for the setup of what was never checked, and for a check of what was changed', () => {
    const made = health({ status: 'draft', lastCheck: null });
    const changed = health({ status: 'draft' });

    assert.deepEqual([made.label, made.next?.code], ['Setting up', 'send_setup']);
    assert.deepEqual([changed.label, changed.next?.code], ['Setting up', 'check']);
  });

  it('has nothing to do for what works, and tells its advice', () => {
    const advice = report({ id: 'scope', verdict: 'warned', message: 'The role sees all' });

    assert.deepEqual(health({}), { label: 'Healthy', reason: 'The last check passed', next: null });
    assert.equal(
      health({ lastCheck: advice }).reason,
      'The last check passed, with advice: The role sees all',
    );
  });

  it('asks to confirm an account that came through a link, though all works', () => {
    const { next } = health({ accountConfirmed: false });

    assert.equal(next?.code, 'confirm_account');
    assert.match(next.text, /222222222222/);
  });

  it('sends the customer the fix when it is its turn', () => {
    for (const [status, label] of [
      ['needs_customer', 'Needs customer'],
      ['insecure', 'Insecure'],
    ] as const) {
      assert.deepEqual(health({ status, lastCheck: refused }), {
        label,
        reason: 'It cannot',
        next: { code: 'send_fix', text: 'Send the customer the fix: Replace the trust policy' },
      });
    }
    const { next } = health({ status: 'revoked', lastCheck: refused });
    assert.equal(next?.code, 'reconnect');
    assert.match(next.text, /Replace the trust policy/);
  });

  it("names the operator's own fault before the customer's, and waits for AWS", () => {
    const own = {
      id: 'operator.identity' as const,
      side: 'operator' as const,
      message: 'No credentials',
      fix: { document: 'connection' as const, text: 'Renew the credentials' },
    };
    const both = report({ side: 'customer' }, own);

    assert.deepEqual(health({ status: 'failing', lastCheck: both }), {
      label: 'Failing',
      reason: 'No credentials',
      next: { code: 'fix_here', text: 'Renew the credentials' },
    });
    const aws = health({ status: 'failing', lastCheck: report({ side: 'aws' }) });
    assert.equal(aws.next?.code, 'wait');
  });

  it('resumes what a person has paused', () => {
    assert.equal(health({ status: 'paused' }).next?.code, 'resume');
  });

  it('tells since when, and when the next check comes', () => {
    const nextCheckAt = '2026-01-03T03:04:05.678Z';
    const shown = healthOf({
      status: 'active',
      accountId: null,
      accountConfirmed: true,
      lastCheck: null,
      since,
      nextCheckAt,
    });

    assert.deepEqual([shown.since, shown.nextCheckAt], [since, nextCheckAt]);
  });
});
