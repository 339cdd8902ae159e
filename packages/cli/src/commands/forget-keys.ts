import { CausewayError } from '@causeway/contract';
import type { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  print,
} from '../client-command.ts';
import { readInput } from '../read-input.ts';

interface ForgetOptions extends ClientOptions {
  readonly customer?: string;
}

/** `causeway datasets forget`. */
export function forgetKeys(): Command {
  return clientCommand('forget', 'have receivers told of keys that they are to forget')
    .argument('<id>', 'the dataset; it has a primary key')
    .argument('<file>', 'primary keys, an object of JSON in each line; - for standard input')
    .option('--customer <id>', 'whose rows they are; needed where there is a customer column')
    .addHelpText(
      'after',
      examples(
        'causeway datasets forget ds_... keys.jsonl --customer cus_...',
        `echo '{"id": 7}' | causeway datasets forget ds_... -`,
      ),
    )
    .action(async (id: string, file: string, options: ForgetOptions) => {
      const keys = keysIn(await readInput(file), file);
      const customer = defined({ customerId: options.customer });
      const forgotten = await clientFor(options).datasets.forget({ id, keys, ...customer });
      print(
        options,
        forgotten,
        ({ keys: count }) =>
          `${count} ${count === 1 ? 'key' : 'keys'} to be forgotten, told with the next run of each delivery`,
      );
    });
}

function keysIn(text: string, file: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const key = parse(line);
    if (typeof key === 'object' && key !== null && !Array.isArray(key)) {
      return [key as Record<string, unknown>];
    }
    const path = `${file === '-' ? 'standard input' : file}, line ${index + 1}`;
    const issues = [{ path, message: 'must be an object of JSON, such as {"id": 7}' }];
    throw new CausewayError('invalid_request', { issues });
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
