import type { Connection } from '@causeway/contract';
import { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { table } from '../terminal/table.ts';

/** `causeway connections keys add|use|remove`. */
export function connectionKeysCommand(): Command {
  return new Command('keys')
    .description('access keys of a connection: two at most, one of them in use')
    .addCommand(add())
    .addCommand(use())
    .addCommand(remove());
}

function add(): Command {
  return clientCommand(
    'add',
    'enter an access key; its secret is asked for, or read from standard input',
  )
    .argument('<id>', 'the connection')
    .requiredOption('--access-key-id <id>', 'the ID of the access key, AKIA...')
    .addHelpText(
      'after',
      examples(
        'causeway connections keys add conn_... --access-key-id AKIA...',
        'causeway connections keys add conn_... --access-key-id AKIA... < secret.txt',
      ),
    )
    .action(async (id: string, options: ClientOptions & { accessKeyId: string }) => {
      const { accessKeyId } = options;
      const secretAccessKey = await readSecret('Secret access key: ');
      const key = { id, accessKeyId, secretAccessKey };
      print(options, await clientFor(options).accessKeys.add(key), show);
    });
}

function use(): Command {
  return clientCommand('use', 'make a key the one in use, once its check has passed')
    .argument('<id>', 'the connection')
    .argument('<key>', 'the key, ak_...')
    .addHelpText('after', examples('causeway connections keys use conn_... ak_...'))
    .action(async (id: string, keyId: string, options: ClientOptions) => {
      print(options, await clientFor(options).accessKeys.use({ id, keyId }), show);
    });
}

function remove(): Command {
  return clientCommand('remove', 'forget a key')
    .argument('<id>', 'the connection')
    .argument('<key>', 'the key, ak_...')
    .addHelpText('after', examples('causeway connections keys remove conn_... ak_...'))
    .action(async (id: string, keyId: string, options: ClientOptions) => {
      print(options, await clientFor(options).accessKeys.remove({ id, keyId }), show);
    });
}

function show(connection: Connection): string {
  if (connection.access !== 'access_key') return 'The connection has no access keys';
  if (connection.accessKeys.length === 0) return 'The connection has no access key now';
  return table(
    ['ID', 'KEY', 'ENTERED', 'IN USE'],
    connection.accessKeys.map((key) => [
      key.id,
      `...${key.lastFour}`,
      key.addedAt.slice(0, 10),
      key.current ? 'yes' : 'no',
    ]),
  );
}
