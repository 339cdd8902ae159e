import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Run, RunProgress, RunRecipient } from '@causeway/contract';
import { describeProgress, fractionOf, showRun } from './follow-run.ts';

type State = RunRecipient['state'];

function progress(...states: State[]): RunProgress {
  return {
    runId: 'run_1',
    state: 'running',
    bytes: 0,
    recipients: states.map((state, i) => ({ customerId: `cus_${i}`, state, rows: 0, bytes: 0 })),
  } as unknown as RunProgress;
}

function run(...recipients: Partial<RunRecipient>[]): Run {
  return {
    id: 'run_1',
    deliveryId: 'dlv_1',
    state: 'succeeded',
    mode: 'full',
    attempt: 1,
    resumeAt: null,
    createdAt: '2026-11-22T00:00:00.000Z',
    startedAt: null,
    completedAt: null,
    leftOut: [],
    retryOf: null,
    cancelRequest: null,
    recipients: recipients.map((recipient, i) => ({
      customerId: `cus_${i}`,
      state: 'delivered',
      rows: 124_711,
      bytes: 632_541,
      files: 1,
      sequence: 1,
      manifestKey: 'p/_manifests/flights/dt=2026-11-22/manifest_run_1.json',
      deliveredByRunId: null,
      failure: null,
      retry: null,
      attempts: 1,
      requests: { s3: 7, sts: 1, retries: 0 },
      receipt: null,
      warning: null,
      phases: {
        preparingAt: '2026-11-22T00:00:00.000Z',
        preparedAt: '2026-11-22T00:00:02.000Z',
        committingAt: '2026-11-22T00:00:03.000Z',
        endedAt: '2026-11-22T00:00:03.250Z',
      },
      ...recipient,
    })),
  } as unknown as Run;
}

describe('fractionOf()', () => {
  it('is nothing before there are recipients, and all when each has ended', () => {
    assert.equal(fractionOf(progress()), 0);
    assert.equal(fractionOf(progress('planned', 'planned')), 0);
    assert.equal(fractionOf(progress('delivered', 'unchanged', 'failed')), 1);
  });

  it('is told in words with what is known: customers that are done with, and bytes', () => {
    assert.equal(describeProgress(progress('preparing')), 'running, 0 B');
    const several = progress('delivered', 'failed', 'committing');
    assert.equal(describeProgress(several), 'running, 2 of 3 customers, 0 B');
  });

  it('never goes back on the way of a delivery', () => {
    const way: State[] = ['planned', 'preparing', 'prepared', 'committing', 'delivered'];

    const fractions = way.map((state) => fractionOf(progress(state, 'planned')));

    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(fractions).size, way.length);
  });

  it('counts every recipient the same', () => {
    assert.equal(fractionOf(progress('delivered', 'planned')), 0.5);
  });
});

describe('showRun()', () => {
  it('shows what each customer received', () => {
    const text = showRun(run({}, { rows: 3, bytes: 12 }));

    assert.match(text, /^id +run_1$/m);
    assert.match(
      text,
      /^CUSTOMER +STATE +ROWS +BYTES +FILES +PREPARE +COMMIT +RATE +REQUESTS +NUMBER +MANIFEST$/m,
    );
    assert.match(
      text,
      /^cus_0 +delivered +124,711 +632.5 kB +1 +2.0 s +250 ms +316.3 kB\/s +8 +1 +p\/_manifests\/.*json$/m,
    );
    assert.match(text, /^cus_1 +delivered +3 +12 B /m);
  });

  it('says of an unchanged customer which run delivered the window', () => {
    const text = showRun(
      run({ state: 'unchanged', manifestKey: null, sequence: null, deliveredByRunId: 'run_0' }),
    );

    assert.match(text, /^cus_0 +unchanged .* - +that of run_0$/m);
  });

  it('says what the customer has said of it, without its controls', () => {
    const receipt = { state: 'rejected', at: '2026-11-22T01:00:00.000Z', message: 'no\x1b[2J' };
    const text = showRun(run({ receipt: { ...receipt, saidAt: null } as RunRecipient['receipt'] }));

    assert.match(text, /^cus_0 +rejected /m);
    assert.match(text, /^cus_0: the customer has rejected it, 2026-.*: no\\u001b\[2J$/m);
  });

  it('says of a failed customer why, and whose turn it is', () => {
    const text = showRun(
      run({
        state: 'failed',
        manifestKey: null,
        failure: {
          code: 'access_denied',
          side: 'customer',
          message: 'Cannot call s3:PutObject on "x\x1b[2J": access denied',
          hint: 'Run the check',
        } as RunRecipient['failure'],
      }),
    );

    assert.match(text, /^cus_0: Cannot call s3:PutObject on "x\\u001b\[2J": access denied$/m);
    assert.match(text, /^ {2}cause: access_denied$/m);
    assert.match(text, /^ {2}fix \(customer\): Run the check$/m);
  });

  it('says of a run that rests when it goes on', () => {
    const resting = { ...run({ state: 'committing' }), resumeAt: '2026-11-22T00:00:32.000Z' };

    assert.match(
      showRun(resting),
      /^rests +it goes on by itself, not before 2026-11-22T00:00:32.000Z$/m,
    );
    assert.doesNotMatch(showRun(run({})), /rests|resumeAt/);
  });

  it('says who has cancelled a run, and when what failed is tried again by itself', () => {
    const cancelled = run({ state: 'cancelled', manifestKey: null });
    const at = '2026-11-22T00:01:00.000Z';
    const failed = run({
      state: 'failed',
      manifestKey: null,
      failure: { code: 'x', side: 'customer', message: 'm', hint: 'h', cause: null },
      retry: { at, awaits: 'connection' },
    });

    const by = { type: 'api_key', id: 'key_1' } as const;
    assert.match(
      showRun({ ...cancelled, state: 'cancelled', cancelRequest: { at, by } }),
      /^cancelRequested +2026-11-22T00:01:00.000Z, by api_key key_1$/m,
    );
    assert.match(
      showRun({ ...failed, retryOf: 'run_0' }),
      /^retryOf +run_0\n.*next try: by itself, not before 2026-11-22T00:01:00.000Z, once a check/ms,
    );
  });
});
