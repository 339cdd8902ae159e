import type { Delivery, Format, Mode } from '@causeway/contract';
import { Command, Option } from 'commander';
import { type ClientOptions, clientCommand, clientFor, print } from '../client-command.ts';
import { followRun, showRun } from '../follow-run.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway deliveries create|list|get|run`. */
export function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('standing orders: which dataset goes to whom, in what form')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(run());
}

interface CreateOptions extends ClientOptions {
  readonly name: string;
  readonly dataset: string;
  readonly customer: string[];
  readonly mode: Mode;
  readonly format: Format;
}

function create(): Command {
  return clientCommand('create', 'create a delivery')
    .requiredOption('--name <name>')
    .requiredOption('--dataset <id>')
    .requiredOption('--customer <id...>', 'one or more customers')
    .addOption(new Option('--mode <mode>').choices(['full', 'incremental']).default('full'))
    .addOption(new Option('--format <format>').choices(['parquet', 'jsonl']).default('parquet'))
    .addHelpText(
      'after',
      '\nExample:\n  causeway deliveries create --name nightly --dataset ds_... --customer cus_... cus_...',
    )
    .action(async (options: CreateOptions) => {
      const { name, dataset, customer, mode, format } = options;
      const delivery = await clientFor(options).deliveries.create({
        name,
        datasetId: dataset,
        customerIds: customer,
        mode,
        format,
      });
      print(options, delivery, show);
    });
}

function list(): Command {
  return clientCommand('list', 'list deliveries, newest first')
    .option('--limit <n>', 'how many', Number, 50)
    .option('--cursor <cursor>', 'where the page before ended')
    .action(async (options: ClientOptions & { limit: number; cursor?: string }) => {
      const { limit, cursor } = options;
      const page = await clientFor(options).deliveries.list({ limit, ...(cursor && { cursor }) });
      print(options, page, ({ items }) =>
        table(
          ['ID', 'NAME', 'DATASET', 'CUSTOMERS', 'MODE', 'FORMAT'],
          items.map((d) => [
            d.id,
            d.name,
            d.datasetId,
            String(d.customerIds.length),
            d.mode,
            d.format,
          ]),
        ),
      );
    });
}

function get(): Command {
  return clientCommand('get', 'show a delivery')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).deliveries.get({ id }), show);
    });
}

interface RunOptions extends ClientOptions {
  readonly from?: string;
  readonly to?: string;
  readonly detach?: boolean;
}

function run(): Command {
  return clientCommand('run', 'run a delivery now and follow it to its end')
    .argument('<id>')
    .option('--from <time>', 'begin of the window, in ISO 8601 UTC')
    .option('--to <time>', 'end of the window, not included')
    .option('--detach', 'do not wait for the end')
    .action(async (id: string, options: RunOptions) => {
      const client = clientFor(options);
      const window =
        options.to === undefined ? {} : { window: { from: options.from ?? null, to: options.to } };
      const started = await client.deliveries.run({ id, ...window });
      const ended = options.detach ? started : await followRun(client, started.id, options);
      print(options, ended, showRun);
    });
}

function show(delivery: Delivery): string {
  const { customerIds, ...rest } = delivery;
  return fields({ ...rest, customers: customerIds.join(', ') });
}
