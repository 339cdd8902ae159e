import type { Customer } from '@causeway/contract';
import type { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  collectProperty,
  examples,
  print,
} from '../client-command.ts';

interface UpdateOptions extends ClientOptions {
  readonly name?: string;
  readonly reference?: string;
  readonly property: Readonly<Record<string, string>>;
  readonly removeProperty?: readonly string[];
}

/** `causeway customers update`. */
export function updateCommand(show: (customer: Customer) => string): Command {
  return clientCommand('update', 'change a customer; what is not named stays')
    .argument('<id>', 'the customer')
    .option('--name <name>', 'the name to show')
    .option('--reference <value>', "the value that names it in a dataset's customer column")
    .option('--property <key=value...>', 'set a property', collectProperty, {})
    .option('--remove-property <key...>', 'take a property away')
    .addHelpText(
      'after',
      examples(
        'causeway customers update cus_... --property bucket_name=acme-data --property prefix=causeway/',
        'causeway customers update cus_... --name "Acme Inc." --remove-property plan',
      ),
    )
    .action(async (id: string, options: UpdateOptions) => {
      const { name, reference, property, removeProperty = [] } = options;
      const removed = Object.fromEntries(removeProperty.map((key) => [key, null]));
      const customer = await clientFor(options).customers.update({
        id,
        ...(name !== undefined && { name }),
        ...(reference !== undefined && { reference }),
        properties: { ...removed, ...property },
      });
      print(options, customer, show);
    });
}
