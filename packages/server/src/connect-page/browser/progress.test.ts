import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckStep, Connection, ConnectView } from '@causeway/contract';
import { lineDiff, onlyChanges } from './line-diff.js';
import { looksOf, pauseOf, progressOf } from './progress.js';

const now = 1_000_000_000;
const fresh = { now, openedAt: now - 3_600_000, actedAt: null, letInAt: null };

const step = (id: CheckStep['id'], change: Partial<CheckStep> = {}): CheckStep => ({
  id,
  title: id,
  verdict: 'failed',
  side: 'customer',
  message: `${id} failed`,
  durationMs: 1,
  ...change,
});

function viewOf(steps: readonly CheckStep[], change: Partial<Connection> = {}): ConnectView {
  const outcome = steps.some(({ verdict }) => verdict === 'failed') ? 'failing' : 'healthy';
  const lastCheck = { outcome, steps, checkedAt: new Date(now).toISOString() };
  const connection = {
    access: 'role',
    owner: 'customer',
    bucket: 'acme-data',
    prefix: 'causeway/',
    accountId: '222222222222',
    accountConfirmed: true,
    status: 'draft',
    lastCheck,
    ...change,
  };
  return { operatorName: 'Skyline', connection } as unknown as ConnectView;
}

const passed = step('role.assume', { verdict: 'passed' });

describe('progressOf()', () => {
  it('waits for the role, and is no warning before somebody has had a minute to make it', () => {
    const view = viewOf([step('role.assume')]);

    const tones = [
      fresh,
      { ...fresh, actedAt: now - 59_000 },
      { ...fresh, actedAt: now - 61_000 },
    ].map((seen) => progressOf(view, seen));

    assert.deepEqual(
      tones.map(({ tone, compare }) => [tone, compare]),
      [
        ['wait', false],
        ['wait', false],
        ['warn', true],
      ],
    );
  });

  it('is never red within a minute of being let in, and is then', () => {
    const view = viewOf([passed, step('object.write')]);
    const write = step('object.write');
    const early = { ...fresh, letInAt: now - 30_000 };
    const late = { ...fresh, letInAt: now - 61_000 };

    assert.equal(progressOf(view, early).title, 'AWS is still spreading the change');
    assert.equal(looksOf(write, progressOf(view, early), early), 'pending');
    assert.equal(progressOf(view, late).title, 'One thing to change on your side');
    assert.equal(looksOf(write, progressOf(view, late), late), 'failed');
  });

  it('tells whose turn it is', () => {
    const ours = viewOf([step('operator.identity', { side: 'operator' })]);
    const theirs = viewOf([passed, step('bucket.region', { side: 'aws' })]);
    const revoked = viewOf([step('role.assume')], { status: 'revoked' });
    const paused = viewOf([passed], { status: 'paused' });
    const unconfirmed = viewOf([passed], { accountConfirmed: false });

    assert.match(progressOf(ours, fresh).title, /^Skyline has to/);
    assert.equal(progressOf(theirs, fresh).title, 'Waiting for AWS');
    assert.equal(progressOf(revoked, fresh).title, 'The access was taken away');
    assert.equal(progressOf(paused, fresh).title, 'Paused');
    assert.equal(progressOf(unconfirmed, fresh).title, 'Your part is done');
    assert.equal(progressOf(viewOf([passed]), fresh).title, 'Connected');
  });

  it('calls unsafe what is unsafe at once, however new it is', () => {
    const view = viewOf([passed, step('role.external_id_missing')]);
    const { connection } = view;
    assert.ok(connection.lastCheck);
    const insecure = { ...connection, lastCheck: { ...connection.lastCheck, outcome: 'insecure' } };

    const { tone } = progressOf({ ...view, connection: insecure } as ConnectView, {
      ...fresh,
      letInAt: now,
    });

    assert.equal(tone, 'bad');
  });
});

describe('pauseOf()', () => {
  it('asks often while somebody is at work, and seldom while nobody looks', () => {
    const view = viewOf([step('role.assume')]);

    assert.equal(pauseOf(view, { ...fresh, actedAt: now - 1000 }, false), 3);
    assert.equal(pauseOf(view, { ...fresh, actedAt: now - 61_000 }, false), 10);
    assert.equal(pauseOf(view, fresh, false), 10);
    assert.equal(pauseOf(view, { ...fresh, openedAt: now - 1000 }, false), 3);
    assert.equal(pauseOf(view, { ...fresh, actedAt: now }, true), 30);
  });
});

describe('lineDiff()', () => {
  it('keeps what both have, and shows what changes with a little around it', () => {
    const lines = lineDiff('a\nb\nc\nd\ne\nf', 'a\nb\nc\nd\nE\ne\nf\ng');

    assert.deepEqual(
      onlyChanges(lines, 1).map((line) => line && `${line.kind} ${line.text}`),
      ['same d', 'new E', 'same e', 'same f', 'new g'],
    );
    assert.deepEqual(
      lineDiff('', 'a').map(({ kind }) => kind),
      ['new'],
    );
    assert.deepEqual(
      lineDiff('a\nb', 'b').map(({ kind }) => kind),
      ['gone', 'same'],
    );
  });

  it('marks what it leaves out', () => {
    const lines = lineDiff('1\n2\n3\n4\n5\n6', '0\n1\n2\n3\n4\n5\n6\n7');

    assert.deepEqual(
      onlyChanges(lines, 1).map((line) => line?.text ?? null),
      ['0', '1', null, '6', '7'],
    );
  });
});
