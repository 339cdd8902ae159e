import { Mode, WriteMode } from '@causeway/contract';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
  wholeNumber,
} from '../client-command.ts';
import { type AudienceOptions, addAudienceOptions, audienceOf } from './audience-options.ts';
import { addFileFormOptions, type FileFormOptions, fileFormOf } from './file-form-options.ts';
import { addHistoryOption, type HistoryOptions, historyOf } from './history-option.ts';
import {
  addRowSelectionOptions,
  type RowSelectionOptions,
  rowSelectionOf,
} from './row-selection-options.ts';
import { addScheduleOptions, type ScheduleOptions, scheduleOf } from './schedule-options.ts';
import { showDelivery } from './show-delivery.ts';

interface UpdateOptions
  extends ClientOptions,
    Partial<FileFormOptions>,
    RowSelectionOptions,
    AudienceOptions,
    ScheduleOptions,
    HistoryOptions {
  readonly name?: string;
  readonly mode?: Mode;
  readonly writeMode?: WriteMode;
  readonly lookback?: number;
  readonly allColumns?: boolean;
  readonly allRows?: boolean;
}

/** `causeway deliveries update`. */
export function updateCommand(): Command {
  const command = clientCommand('update', 'change a delivery; what is not named stays')
    .argument('<id>', 'the delivery')
    .option('--name <name>', 'the name to show')
    .addOption(new Option('--mode <mode>', 'all rows, or those that are new').choices(Mode.options))
    .addOption(
      new Option('--write-mode <mode>', 'keep the files of earlier runs, or replace them').choices(
        WriteMode.options,
      ),
    )
    .option('--lookback <seconds>', 'incremental: also send rows that came so late', wholeNumber);
  for (const add of [addAudienceOptions, addScheduleOptions, addHistoryOption]) add(command);
  addFileFormOptions(addRowSelectionOptions(command), { isChange: true });
  return command
    .addOption(new Option('--all-columns', 'send all columns').conflicts('columns'))
    .addOption(new Option('--all-rows', 'send all rows').conflicts('where'))
    .addHelpText('after', '\nApplies from the next run on. The form of CSV is replaced as a whole.')
    .addHelpText(
      'after',
      examples(
        'causeway deliveries update dlv_... --cron "30 6 * * 1-5" --zone Europe/Berlin',
        'causeway deliveries update dlv_... --customers-with plan=pro --customers-with region=eu',
        'causeway deliveries update dlv_... --on-demand --all-rows',
      ),
    )
    .action(async (id: string, options: UpdateOptions, self: Command) => {
      const { name, mode, writeMode, lookback, allColumns, allRows } = options;
      const delivery = await clientFor(options).deliveries.update({
        id,
        ...(name !== undefined && { name }),
        ...(mode && { mode }),
        ...(writeMode && { writeMode }),
        ...(lookback !== undefined && { lookbackSeconds: lookback }),
        ...audienceOf(options),
        ...scheduleOf(options, self),
        ...historyOf(options),
        ...fileFormOf(options),
        ...rowSelectionOf(options),
        ...(allColumns && { columns: null }),
        ...(allRows && { filter: null }),
      });
      print(options, delivery, showDelivery);
    });
}

const changes = {
  pause: 'begin no run of a delivery any more; what is under way goes on',
  resume: 'let a delivery run again; its schedule counts from now',
  delete: 'end a delivery for good, and cancel its runs; they are kept',
} as const;

/** `causeway deliveries pause|resume|delete`. */
export function statusCommands(): readonly Command[] {
  return (['pause', 'resume', 'delete'] as const).map((change) =>
    clientCommand(change, changes[change])
      .argument('<id>', 'the delivery')
      .addHelpText('after', examples(`causeway deliveries ${change} dlv_...`))
      .action(async (id: string, options: ClientOptions) => {
        print(options, await clientFor(options).deliveries[change]({ id }), showDelivery);
      }),
  );
}
