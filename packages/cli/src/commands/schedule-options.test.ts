import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, CommanderError } from 'commander';
import { type AudienceOptions, addAudienceOptions, audienceOf } from './audience-options.ts';
import { addScheduleOptions, type ScheduleOptions, scheduleOf } from './schedule-options.ts';

function sent(...args: string[]) {
  const command = new Command('create').exitOverride().configureOutput({ writeErr: () => {} });
  addScheduleOptions(addAudienceOptions(command)).parse(args, { from: 'user' });
  const options = command.opts<AudienceOptions & ScheduleOptions>();
  return { ...audienceOf(options), ...scheduleOf(options, command) };
}

describe('audienceOf(), scheduleOf()', () => {
  it('send what was given, and what was not given not at all', () => {
    assert.deepEqual(sent(), {});
    assert.deepEqual(sent('--customer', 'cus_1', 'cus_2', '--on-demand'), {
      customerIds: ['cus_1', 'cus_2'],
      schedule: null,
    });
    assert.deepEqual(sent('--all-customers', '--on-change'), {
      customerRule: { match: 'all', properties: {} },
      schedule: { type: 'on_change', pollSeconds: 60 },
    });
    assert.deepEqual(sent('--customers-with', 'plan=pro', '--every', '15', '--jitter', '60'), {
      customerRule: { match: 'all', properties: { plan: 'pro' } },
      schedule: { type: 'interval', everyMinutes: 15, jitterSeconds: 60 },
    });
    assert.deepEqual(sent('--batch-records', '500', '--batch-age', '5'), {
      schedule: { type: 'batch', maxRecords: 500, maxAgeSeconds: 5 },
    });
  });

  it('refuse what does not go together', () => {
    for (const args of [
      ['--customer', 'cus_1', '--all-customers'],
      ['--customers-with', 'plan=pro', '--all-customers'],
      ['--all-customers', '--customers-match', 'any'],
      ['--cron', '0 6 * * *', '--every', '5'],
      ['--on-change', '--on-demand'],
      ['--batch-age', '5', '--every', '5'],
      ['--jitter', '5', '--batch-bytes', '9'],
      ['--zone', 'Europe/Berlin'],
      ['--jitter', '5'],
      ['--every', 'soon'],
    ]) {
      assert.throws(() => sent(...args), CommanderError, args.join(' '));
    }
  });
});
