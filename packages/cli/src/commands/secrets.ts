import type { SecretKeys } from '@causeway/contract';
import { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { table } from '../terminal/table.ts';

/** `causeway secrets keys|rotate`. */
export function secretsCommand(): Command {
  return new Command('secrets')
    .description('the keys that encrypt what is secret')
    .addCommand(keys())
    .addCommand(rotate());
}

function keys(): Command {
  return clientCommand('keys', 'show which key encrypts how many secrets')
    .addHelpText('after', examples('causeway secrets keys'))
    .action(async (options: ClientOptions) => {
      print(options, await clientFor(options).secrets.keys(), show);
    });
}

function rotate(): Command {
  return clientCommand(
    'rotate',
    'take all secrets over to the newest key, while everything goes on',
  )
    .addHelpText('after', examples('causeway secrets rotate'))
    .action(async (options: ClientOptions) => {
      const { secrets } = clientFor(options);
      let rewrapped = 0;
      for (;;) {
        const rotation = await secrets.rotate({});
        rewrapped += rotation.rewrapped;
        if (rotation.remaining === 0 || rotation.rewrapped === 0) {
          print(options, { ...rotation, rewrapped }, show);
          return;
        }
        process.stderr.write(`${rewrapped} done, ${rotation.remaining} remain\n`);
      }
    });
}

function show({ keys }: SecretKeys): string {
  const state = (key: SecretKeys['keys'][number]) => {
    if (key.newest) return 'encrypts from now on';
    return key.secrets === 0 ? 'may be taken out' : 'still needed';
  };
  return table(
    ['KEY', 'SECRETS', ''],
    keys.map((key) => [key.keyId, String(key.secrets), state(key)]),
  );
}
