import type { Client } from '@causeway/sdk';
import { type Command, Option } from 'commander';
import { defined, wholeNumber } from '../client-command.ts';

/** As the API takes a schedule. */
type ScheduleInput = NonNullable<Parameters<Client['deliveries']['create']>[0]['schedule']>;

/** What commands of deliveries are told about when they run. */
export interface ScheduleOptions {
  readonly cron?: string;
  readonly zone?: string;
  readonly every?: number;
  readonly jitter?: number;
  readonly onChange?: number | true;
  readonly batchRecords?: number;
  readonly batchBytes?: number;
  readonly batchAge?: number;
  readonly onDemand?: boolean;
}

const batchKinds = ['batchRecords', 'batchBytes', 'batchAge'];
const kinds = ['cron', 'every', 'onChange', 'onDemand', ...batchKinds];
const besides = (...own: readonly string[]) => kinds.filter((other) => !own.includes(other));

export function addScheduleOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--cron <expression>', 'run at these times, as "30 6 * * 1-5"').conflicts(
        besides('cron'),
      ),
    )
    .addOption(
      new Option(
        '--zone <name>',
        'the time zone of --cron, as Europe/Berlin (default: UTC)',
      ).conflicts(besides('cron')),
    )
    .addOption(
      new Option('--every <minutes>', 'run at once, and then every so many minutes')
        .argParser(wholeNumber)
        .conflicts(besides('every')),
    )
    .addOption(
      new Option('--jitter <seconds>', 'begin up to so much later, always by the same')
        .argParser(wholeNumber)
        .conflicts(['onChange', 'onDemand', ...batchKinds]),
    )
    .addOption(
      new Option(
        '--on-change [seconds]',
        'run when the source has changed; looked at this often (default: 60)',
      )
        .argParser(wholeNumber)
        .conflicts(besides('onChange')),
    )
    .addOption(
      new Option('--batch-records <n>', 'run when so many pushed records wait (default: 10000)')
        .argParser(wholeNumber)
        .conflicts(besides(...batchKinds)),
    )
    .addOption(
      new Option('--batch-bytes <n>', 'or so many bytes of them (default: 16777216)')
        .argParser(wholeNumber)
        .conflicts(besides(...batchKinds)),
    )
    .addOption(
      new Option('--batch-age <seconds>', 'or when one has waited for so long (default: 60)')
        .argParser(wholeNumber)
        .conflicts(besides(...batchKinds)),
    )
    .addOption(
      new Option('--on-demand', 'run when asked to, and not by itself').conflicts(
        besides('onDemand'),
      ),
    );
}

/** Only what was asked for. */
export function scheduleOf(
  options: ScheduleOptions,
  command: Command,
): { readonly schedule?: ScheduleInput | null } {
  const { cron, zone, every, jitter, onChange, onDemand } = options;
  const late = { jitterSeconds: jitter ?? 0 };
  if (cron !== undefined) {
    return { schedule: { type: 'cron', expression: cron, timeZone: zone ?? 'UTC', ...late } };
  }
  if (zone !== undefined) command.error("error: option '--zone <name>' needs '--cron'");
  if (every !== undefined) {
    return { schedule: { type: 'interval', everyMinutes: every, ...late } };
  }
  if (jitter !== undefined) {
    command.error("error: option '--jitter <seconds>' needs '--cron' or '--every'");
  }
  if (onChange !== undefined) {
    return { schedule: { type: 'on_change', pollSeconds: onChange === true ? 60 : onChange } };
  }
  const { batchRecords: maxRecords, batchBytes: maxBytes, batchAge: maxAgeSeconds } = options;
  const limits = defined({ maxRecords, maxBytes, maxAgeSeconds });
  if (Object.keys(limits).length > 0) return { schedule: { type: 'batch', ...limits } };
  return onDemand ? { schedule: null } : {};
}
