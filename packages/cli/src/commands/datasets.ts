import { type Dataset, nameOfSource, type SchemaPolicy } from '@causeway/contract';
import { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
} from '../client-command.ts';
import { fields, table } from '../terminal/table.ts';
import { refreshDataset, schemaPolicyOption, updateDataset } from './change-dataset.ts';
import { type SourceOptions, sourceOf, sourceOptions } from './dataset-source.ts';
import { forgetKeys } from './forget-keys.ts';

/** `causeway datasets create|list|get|update|refresh|forget`. */
export function datasetsCommand(): Command {
  return new Command('datasets')
    .description('what can be delivered')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(updateDataset(show))
    .addCommand(refreshDataset(show))
    .addCommand(forgetKeys());
}

interface CreateOptions extends ClientOptions, SourceOptions {
  readonly name: string;
  readonly customerColumn?: string;
  readonly cursorColumn?: string;
  readonly primaryKey?: string[];
  readonly schemaPolicy?: SchemaPolicy;
  readonly deletedColumn?: string;
}

function create(): Command {
  const command = clientCommand(
    'create',
    'create a dataset from files, a bucket, a database or a query',
  ).requiredOption('--name <name>', 'lower case, digits and hyphens; part of every delivered key');
  return sourceOptions(command)
    .option('--customer-column <column>', 'rows go to the customer whose reference it holds')
    .option('--cursor-column <column>', 'what windows of incremental deliveries refer to')
    .option('--primary-key <column...>', 'the columns that name a row')
    .addOption(schemaPolicyOption())
    .option('--deleted-column <column>', 'marks deleted rows: true, or a time')
    .addHelpText(
      'after',
      examples(
        'causeway datasets create --name flights --file ./flights.parquet --customer-column origin',
        'causeway datasets create --name insights --push columns.json --customer-column customer',
        "causeway datasets create --name orders --file './orders/2026-*.csv.gz' --csv-delimiter ';' --column zip=VARCHAR",
        'causeway datasets create --name events --object s3://acme-exports/events/ --format jsonl',
        'causeway datasets create --name orders --postgres postgres://reader@db.internal/shop --table public.orders --password',
        "causeway datasets create --name totals --query 'SELECT customer, sum(price) AS total FROM orders GROUP BY ALL' --dataset orders=ds_...",
      ),
    )
    .action(async (options: CreateOptions, command: Command) => {
      const dataset = await clientFor(options).datasets.create({
        name: options.name,
        source: await sourceOf(options, command),
        customerColumn: options.customerColumn ?? null,
        cursorColumn: options.cursorColumn ?? null,
        deletedColumn: options.deletedColumn ?? null,
        ...defined({ primaryKey: options.primaryKey, schemaPolicy: options.schemaPolicy }),
      });
      print(options, dataset, show);
    });
}

function list(): Command {
  return pageCommand('list', 'list datasets, newest first')
    .addHelpText('after', examples('causeway datasets list --limit 10'))
    .action(async (options: PageOptions) => {
      printPage(options, await clientFor(options).datasets.list(pageQuery(options)), {
        head: ['ID', 'NAME', 'COLUMNS', 'CUSTOMER COLUMN', 'SOURCE'],
        row: (d) => [
          d.id,
          d.name,
          String(d.schema.length),
          d.customerColumn ?? '-',
          nameOfSource(d.source),
        ],
        empty: 'There are no datasets: causeway datasets create makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a dataset and its columns')
    .argument('<id>', 'the dataset')
    .addHelpText('after', examples('causeway datasets get ds_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).datasets.get({ id }), show);
    });
}

function show(dataset: Dataset): string {
  const { schema, source, primaryKey, ...rest } = dataset;
  const facts = fields({
    ...rest,
    source: nameOfSource(source),
    primaryKey: primaryKey.join(', ') || null,
  });
  const columns = table(
    ['COLUMN', 'TYPE', 'NULLABLE'],
    schema.map((column) => [column.name, column.type, column.nullable ? 'yes' : 'no']),
  );
  return `${facts}\n\n${columns}`;
}
