import { Command } from 'commander';
import { examples } from '../client-command.ts';

/** `causeway signing-key show|rotate`: works on the key file of this machine, without a server. */
export function signingKeyCommand(): Command {
  return new Command('signing-key')
    .description('the key that manifests are signed with')
    .addCommand(show())
    .addCommand(rotate());
}

function show(): Command {
  return new Command('show')
    .description('print the public keys, as /.well-known/causeway-keys.json has them')
    .addHelpText('after', examples('causeway signing-key show > causeway-keys.json'))
    .action(async () => {
      const { runShowSigningKey } = await import('../start/run-signing-key.ts');
      await runShowSigningKey();
    });
}

function rotate(): Command {
  return new Command('rotate')
    .description('make a new key sign, and keep the public part of the old one')
    .addHelpText(
      'after',
      '\nThe new key signs once every process that reads the file has been started anew. What the\nold one has signed can be verified as before. Receivers who have pinned a key need the new one.',
    )
    .addHelpText('after', examples('causeway signing-key rotate'))
    .action(async () => {
      const { runRotateSigningKey } = await import('../start/run-signing-key.ts');
      await runRotateSigningKey();
    });
}
