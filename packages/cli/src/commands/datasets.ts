import { resolve } from 'node:path';
import { type Dataset, nameOfSource } from '@causeway/contract';
import { Command } from 'commander';
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
} from '../client-command.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway datasets create|list|get`. */
export function datasetsCommand(): Command {
  return new Command('datasets')
    .description('what can be delivered')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get());
}

interface CreateOptions extends ClientOptions {
  readonly name: string;
  readonly file: string;
  readonly customerColumn?: string;
  readonly cursorColumn?: string;
  readonly primaryKey?: string[];
}

function create(): Command {
  return clientCommand('create', 'create a dataset from a Parquet file')
    .requiredOption('--name <name>', 'lower case, digits and hyphens; part of every delivered key')
    .requiredOption('--file <path>', 'a Parquet file that the server can read')
    .option('--customer-column <column>', 'rows go to the customer whose reference it holds')
    .option('--cursor-column <column>', 'what windows of incremental deliveries refer to')
    .option('--primary-key <column...>', 'the columns that name a row')
    .addHelpText(
      'after',
      examples(
        'causeway datasets create --name flights --file ./flights.parquet --customer-column origin',
      ),
    )
    .action(async (options: CreateOptions) => {
      const dataset = await clientFor(options).datasets.create({
        name: options.name,
        source: { type: 'file', path: resolve(options.file) },
        customerColumn: options.customerColumn ?? null,
        cursorColumn: options.cursorColumn ?? null,
        primaryKey: options.primaryKey ?? [],
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
