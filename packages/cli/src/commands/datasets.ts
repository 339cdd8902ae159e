import { resolve } from 'node:path';
import { CausewayError, type Dataset, nameOfSource } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
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
} from '../client-command.ts';
import { readJsonInput } from '../read-input.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway datasets create|list|get`. */
export function datasetsCommand(): Command {
  return new Command('datasets')
    .description('what can be delivered')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get());
}

type SourceInput = Parameters<Client['datasets']['create']>[0]['source'];

interface CreateOptions extends ClientOptions {
  readonly name: string;
  readonly file?: string;
  readonly push?: string;
  readonly customerColumn?: string;
  readonly cursorColumn?: string;
  readonly primaryKey?: string[];
}

function create(): Command {
  return clientCommand('create', 'create a dataset from a Parquet file, or of pushed records')
    .requiredOption('--name <name>', 'lower case, digits and hyphens; part of every delivered key')
    .addOption(
      new Option('--file <path>', 'a Parquet file that the server can read').conflicts('push'),
    )
    .option('--push <columns.json>', 'for pushed records: [{"name": "id", "type": "BIGINT"}, ...]')
    .option('--customer-column <column>', 'rows go to the customer whose reference it holds')
    .option('--cursor-column <column>', 'what windows of incremental deliveries refer to')
    .option('--primary-key <column...>', 'the columns that name a row')
    .addHelpText(
      'after',
      examples(
        'causeway datasets create --name flights --file ./flights.parquet --customer-column origin',
        'causeway datasets create --name insights --push columns.json --customer-column customer',
      ),
    )
    .action(async (options: CreateOptions) => {
      const dataset = await clientFor(options).datasets.create({
        name: options.name,
        source: await sourceOf(options),
        customerColumn: options.customerColumn ?? null,
        cursorColumn: options.cursorColumn ?? null,
        primaryKey: options.primaryKey ?? [],
      });
      print(options, dataset, show);
    });
}

async function sourceOf({ file, push }: CreateOptions): Promise<SourceInput> {
  if (push !== undefined) {
    const source = { type: 'push', columns: await readJsonInput(push) };
    // What the file says is for the server to judge.
    return source as SourceInput;
  }
  if (file !== undefined) return { type: 'file', path: resolve(file) };
  const issues = [{ path: '', message: 'needs --file or --push: where its rows come from' }];
  throw new CausewayError('invalid_request', { issues });
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
