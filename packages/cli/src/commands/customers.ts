import type { Customer } from '@causeway/contract';
import { Command } from 'commander';
import { type ClientOptions, clientCommand, clientFor, print } from '../client-command.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway customers create|list|get`. */
export function customersCommand(): Command {
  return new Command('customers')
    .description('the companies that data goes to')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get());
}

function create(): Command {
  return clientCommand('create', 'create a customer')
    .requiredOption('--name <name>', 'the name to show')
    .requiredOption('--reference <value>', "the value that names it in a dataset's customer column")
    .option('--property <key=value...>', 'more about it', collectProperty, {})
    .addHelpText('after', '\nExample:\n  causeway customers create --name Acme --reference ATL')
    .action(
      async (
        options: ClientOptions & {
          name: string;
          reference: string;
          property: Record<string, string>;
        },
      ) => {
        const { name, reference, property } = options;
        const customer = await clientFor(options).customers.create({
          name,
          reference,
          properties: property,
        });
        print(options, customer, show);
      },
    );
}

function list(): Command {
  return clientCommand('list', 'list customers, newest first')
    .option('--limit <n>', 'how many', Number, 50)
    .option('--cursor <cursor>', 'where the page before ended')
    .action(async (options: ClientOptions & { limit: number; cursor?: string }) => {
      const { limit, cursor } = options;
      const page = await clientFor(options).customers.list({ limit, ...(cursor && { cursor }) });
      print(options, page, ({ items }) =>
        table(
          ['ID', 'NAME', 'REFERENCE', 'CREATED'],
          items.map((c) => [c.id, c.name, c.reference, c.createdAt]),
        ),
      );
    });
}

function get(): Command {
  return clientCommand('get', 'show a customer')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).customers.get({ id }), show);
    });
}

function show(customer: Customer): string {
  const { properties, ...rest } = customer;
  return fields({ ...rest, ...properties });
}

function collectProperty(pair: string, all: Record<string, string>): Record<string, string> {
  const cut = pair.indexOf('=');
  return { ...all, [pair.slice(0, cut < 0 ? undefined : cut)]: cut < 0 ? '' : pair.slice(cut + 1) };
}
