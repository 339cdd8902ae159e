import { Mode, ruleInWords, scheduleInWords, WriteMode } from '@causeway/contract';
import { Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
  wholeNumber,
} from '../client-command.ts';
import { followRun, showRun } from '../follow-run.ts';
import { type AudienceOptions, addAudienceOptions, audienceOf } from './audience-options.ts';
import { statusCommands, updateCommand } from './change-delivery.ts';
import { addFileFormOptions, type FileFormOptions, fileFormOf } from './file-form-options.ts';
import { addHistoryOption, type HistoryOptions, historyOf } from './history-option.ts';
import {
  addRowSelectionOptions,
  type RowSelectionOptions,
  rowSelectionOf,
} from './row-selection-options.ts';
import { addScheduleOptions, type ScheduleOptions, scheduleOf } from './schedule-options.ts';
import { showDelivery } from './show-delivery.ts';

/** `causeway deliveries create|list|get|run|update|pause|resume|delete`. */
export function deliveriesCommand(): Command {
  const command = new Command('deliveries')
    .description('standing orders: which dataset goes to whom, when and in what form')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(run())
    .addCommand(updateCommand());
  for (const change of statusCommands()) command.addCommand(change);
  return command;
}

interface CreateOptions
  extends ClientOptions,
    FileFormOptions,
    RowSelectionOptions,
    AudienceOptions,
    ScheduleOptions,
    HistoryOptions {
  readonly name: string;
  readonly dataset: string;
  readonly mode: Mode;
  readonly writeMode?: WriteMode;
  readonly lookback?: number;
}

function create(): Command {
  const command = clientCommand('create', 'create a delivery')
    .requiredOption('--name <name>', 'the name to show')
    .requiredOption('--dataset <id>', 'what is delivered');
  for (const add of [addAudienceOptions, addScheduleOptions, addHistoryOption]) add(command);
  return addRowSelectionOptions(addFileFormOptions(command))
    .addOption(
      new Option('--mode <mode>', 'all rows, or those that are new since the run before')
        .choices(Mode.options)
        .default('full'),
    )
    .addOption(
      new Option('--write-mode <mode>', 'keep the files of earlier runs, or replace them').choices(
        WriteMode.options,
      ),
    )
    .option('--lookback <seconds>', 'incremental: also send rows that came so late', wholeNumber)
    .addHelpText(
      'after',
      examples(
        'causeway deliveries create --name nightly --dataset ds_... --customer cus_... cus_...',
        'causeway deliveries create --name daily --dataset ds_... --all-customers --cron "30 6 * * *" --zone Europe/Berlin',
        'causeway deliveries create --name fresh --dataset ds_... --customers-with plan=pro --on-change',
        'causeway deliveries create --name live --dataset ds_... --all-customers --mode incremental --batch-age 30 --history 30d',
        'causeway deliveries create --name sheets --dataset ds_... --customer cus_... --format csv --compression gzip',
        'causeway deliveries create --name paying --dataset ds_... --customer cus_... --columns id plan --where "plan in pro,team" --where "left_at is_null"',
      ),
    )
    .action(async (options: CreateOptions, self: Command) => {
      const { name, dataset, mode, writeMode, lookback } = options;
      const audience = audienceOf(options);
      if (Object.keys(audience).length === 0) {
        self.error("error: name '--customer <id...>', '--all-customers' or '--customers-with'");
      }
      const delivery = await clientFor(options).deliveries.create({
        name,
        datasetId: dataset,
        ...audience,
        mode,
        ...(writeMode && { writeMode }),
        ...(lookback !== undefined && { lookbackSeconds: lookback }),
        ...scheduleOf(options, self),
        ...historyOf(options),
        ...fileFormOf(options),
        ...rowSelectionOf(options),
      });
      print(options, delivery, showDelivery);
    });
}

function list(): Command {
  return pageCommand('list', 'list deliveries, newest first')
    .addHelpText('after', examples('causeway deliveries list --limit 10'))
    .action(async (options: PageOptions) => {
      printPage(options, await clientFor(options).deliveries.list(pageQuery(options)), {
        head: ['ID', 'NAME', 'DATASET', 'CUSTOMERS', 'MODE', 'FORMAT', 'RUNS', 'NEXT RUN'],
        row: (d) => [
          d.id,
          d.name,
          d.datasetId,
          d.customerRule === null ? String(d.customerIds.length) : ruleInWords(d.customerRule),
          d.mode,
          d.format,
          scheduleInWords(d.schedule),
          d.status === 'active' ? (d.nextRunAt ?? '-') : d.status,
        ],
        empty: 'There are no deliveries: causeway deliveries create makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a delivery')
    .argument('<id>', 'the delivery')
    .addHelpText('after', examples('causeway deliveries get dlv_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).deliveries.get({ id }), showDelivery);
    });
}

interface RunOptions extends ClientOptions {
  readonly from?: string;
  readonly to?: string;
  readonly detach?: boolean;
}

function run(): Command {
  return clientCommand('run', 'run a delivery now and follow it to its end')
    .argument('<id>', 'the delivery')
    .option('--from <time>', 'begin of the window, in ISO 8601 UTC; needs --to')
    .option('--to <time>', 'end of the window, not included')
    .option('--detach', 'do not wait for the end')
    .addHelpText(
      'after',
      examples(
        'causeway deliveries run dlv_...',
        'causeway deliveries run dlv_... --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z',
      ),
    )
    .action(async (id: string, options: RunOptions, command: Command) => {
      if (options.from !== undefined && options.to === undefined) {
        command.error("error: option '--from <time>' needs '--to <time>'");
      }
      const client = clientFor(options);
      const window =
        options.to === undefined ? {} : { window: { from: options.from ?? null, to: options.to } };
      const started = await client.deliveries.run({ id, ...window });
      const ended = options.detach ? started : await followRun(client, started.id, options);
      print(options, ended, showRun);
    });
}
