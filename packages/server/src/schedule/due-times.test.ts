import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstDue, isTimeZone, nextDue, type TimedSchedule, whyNotCron } from './due-times.ts';

const cron = (expression: string, timeZone = 'UTC', jitterSeconds = 0) => ({
  type: 'cron' as const,
  expression,
  timeZone,
  jitterSeconds,
});
const every = (everyMinutes: number, jitterSeconds = 0) => ({
  type: 'interval' as const,
  everyMinutes,
  jitterSeconds,
});

/** The times of a schedule that is seen to whenever it is due. */
function times(schedule: TimedSchedule, from: string, count: number, id = 'dlv_1'): string[] {
  let due = firstDue(schedule, id, new Date(from));
  const all = [due];
  while (all.length < count) {
    due = nextDue(schedule, id, due, due);
    all.push(due);
  }
  return all.map((time) => time.toISOString());
}

describe('a cron schedule', () => {
  it('is due by the clock of its zone', () => {
    const schedule = cron('30 6 * * 1-5', 'America/New_York');

    assert.deepEqual(times(schedule, '2024-01-05T00:00:00Z', 2), [
      '2024-01-05T11:30:00.000Z',
      '2024-01-08T11:30:00.000Z',
    ]);
  });

  it('comes right after the hour that spring leaves out', () => {
    assert.deepEqual(times(cron('30 2 * * *', 'Europe/Berlin'), '2024-03-30T00:00:00Z', 3), [
      '2024-03-30T01:30:00.000Z',
      '2024-03-31T01:30:00.000Z',
      '2024-04-01T00:30:00.000Z',
    ]);
  });

  it('comes once in the hour that autumn repeats', () => {
    assert.deepEqual(times(cron('30 2 * * *', 'Europe/Berlin'), '2024-10-26T12:00:00Z', 2), [
      '2024-10-27T00:30:00.000Z',
      '2024-10-28T01:30:00.000Z',
    ]);
    // Also when it is seen to within the first of the two hours, after its time.
    const seen = new Date('2024-10-27T00:45:00Z');
    const next = firstDue(cron('30 2 * * *', 'Europe/Berlin'), 'dlv_1', seen);
    assert.equal(next.toISOString(), '2024-10-28T01:30:00.000Z');
  });

  it('keeps its beat through both when it repeats within the hour', () => {
    const half = cron('*/30 * * * *', 'Europe/Berlin');
    const halfHours = (from: string) =>
      Array.from({ length: 6 }, (_, i) => new Date(Date.parse(from) + i * 1_800_000).toISOString());

    for (const from of ['2024-03-31T00:00:00Z', '2024-10-27T00:00:00Z']) {
      const justBefore = new Date(Date.parse(from) - 1).toISOString();
      assert.deepEqual(times(half, justBefore, 6), halfHours(from));
    }
  });

  it('catches up what was missed once: the next time is always to come', () => {
    const schedule = cron('0 * * * *');
    const due = new Date('2024-01-01T00:00:00Z');

    const next = nextDue(schedule, 'dlv_1', due, new Date('2024-01-03T12:34:56Z'));

    assert.equal(next.toISOString(), '2024-01-03T13:00:00.000Z');
  });

  it('takes what every cron takes, and says what is wrong with the rest', () => {
    for (const expression of [
      '*/5 * * * *',
      '0 6 * JAN,JUL mon-fri',
      '0 0 29 2 *',
      '5,35 8-18/2 1 * 0',
    ]) {
      assert.equal(whyNotCron(cron(expression)), null, expression);
    }
    const wrong = {
      '* * * *': /five fields/,
      '0 0 0 1 1 1': /five fields/,
      '60 * * * *': /names no time/,
      '0 0 30 2 *': /names no time/,
      '0 0 L * *': /no "L"/,
      'H 1 * * *': /no "H"/,
      '0 0 * * 5#2': /fields such as/,
      '0 0 ? * 1': /fields such as/,
      '0 0 1/0 * *': /names no time/,
    };
    for (const [expression, reason] of Object.entries(wrong)) {
      assert.match(whyNotCron(cron(expression)) ?? 'nothing', reason, expression);
    }
    assert.deepEqual(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone), [
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('an interval', () => {
  it('is due at once, and then keeps its beat, however late it is seen to', () => {
    assert.deepEqual(times(every(90), '2024-01-01T00:10:00Z', 2), [
      '2024-01-01T00:10:00.000Z',
      '2024-01-01T01:40:00.000Z',
    ]);
    const due = new Date('2024-01-01T00:00:00Z');
    const at = (now: string) => nextDue(every(60), 'dlv_1', due, new Date(now)).toISOString();
    assert.equal(at('2024-01-01T00:00:30Z'), '2024-01-01T01:00:00.000Z');
    assert.equal(at('2024-01-01T05:00:00Z'), '2024-01-01T06:00:00.000Z');
    assert.equal(at('2024-01-01T05:59:59Z'), '2024-01-01T06:00:00.000Z');
  });
});

describe('jitter', () => {
  it('puts each delivery off by a time of its own within bounds, and no two times of one', () => {
    const from = '2024-01-01T00:00:00Z';
    const offsets = Array.from({ length: 50 }, (_, i) => {
      const [first = '', second = ''] = times(cron('0 6 * * *', 'UTC', 600), from, 2, `dlv_${i}`);
      assert.equal(Date.parse(second) - Date.parse(first), 86_400_000);
      return (Date.parse(first) - Date.parse('2024-01-01T06:00:00Z')) / 1000;
    });

    assert.ok(offsets.every((seconds) => seconds >= 0 && seconds < 600));
    assert.ok(new Set(offsets).size > 40);
    // It began before it was made: due again only tomorrow, and not twice.
    const id = 'dlv_7';
    const [due = ''] = times(cron('0 6 * * *', 'UTC', 600), from, 1, id);
    const again = firstDue(cron('0 6 * * *', 'UTC', 600), id, new Date(Date.parse(due) - 1));
    assert.equal(again.toISOString(), due);
  });
});

describe('a schedule on change', () => {
  it('looks at once, and then as often as it is told', () => {
    const schedule = { type: 'on_change' as const, pollSeconds: 30 };

    assert.deepEqual(times(schedule, '2024-01-01T00:00:00Z', 2), [
      '2024-01-01T00:00:00.000Z',
      '2024-01-01T00:00:30.000Z',
    ]);
  });
});
