import type { Customer } from '@causeway/contract';
import { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  collectProperty,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
} from '../client-command.ts';
import { fields } from '../terminal/table.ts';
import { importCommand } from './import-customers.ts';
import { updateCommand } from './update-customer.ts';

/** `causeway customers create|list|get|update|import`. */
export function customersCommand(): Command {
  return new Command('customers')
    .description('the companies that data goes to')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(updateCommand(show))
    .addCommand(importCommand());
}

function create(): Command {
  return clientCommand('create', 'create a customer')
    .requiredOption('--name <name>', 'the name to show')
    .requiredOption('--reference <value>', "the value that names it in a dataset's customer column")
    .option('--property <key=value...>', 'more about it', collectProperty, {})
    .addHelpText(
      'after',
      examples('causeway customers create --name Acme --reference ATL --property plan=gold'),
    )
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
  return pageCommand('list', 'list customers, newest first')
    .addHelpText('after', examples('causeway customers list --limit 10'))
    .action(async (options: PageOptions) => {
      printPage(options, await clientFor(options).customers.list(pageQuery(options)), {
        head: ['ID', 'NAME', 'REFERENCE', 'CREATED'],
        row: (c) => [c.id, c.name, c.reference, c.createdAt],
        empty: 'There are no customers: causeway customers create makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a customer')
    .argument('<id>', 'the customer')
    .addHelpText('after', examples('causeway customers get cus_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).customers.get({ id }), show);
    });
}

function show(customer: Customer): string {
  const { properties, ...rest } = customer;
  return fields({ ...rest, ...properties });
}
