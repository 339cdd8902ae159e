import type { IssuerState } from '@causeway/contract';
import { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway issuer show|rotate`. */
export function issuerCommand(): Command {
  return new Command('issuer')
    .description('who signs the tokens of connections by web_identity')
    .addCommand(showIssuer())
    .addCommand(rotate());
}

function showIssuer(): Command {
  return clientCommand('show', 'show the issuer that customers register, and its keys')
    .addHelpText('after', examples('causeway issuer show'))
    .action(async (options: ClientOptions) => {
      print(options, await clientFor(options).issuer.get(), show);
    });
}

interface RotateOptions extends ClientOptions {
  readonly immediately?: boolean;
}

function rotate(): Command {
  return clientCommand('rotate', 'replace the key that signs tokens, a day from now')
    .option('--immediately', 'a key has leaked: sign with a new one now and withdraw all others')
    .addHelpText(
      'after',
      examples('causeway issuer rotate', 'causeway issuer rotate --immediately'),
    )
    .action(async (options: RotateOptions) => {
      const immediately = options.immediately ?? false;
      print(options, await clientFor(options).issuer.rotate({ immediately }), show);
    });
}

function show({ url, audience, keys }: IssuerState): string {
  const rows = keys.map((key) => [
    key.id,
    key.state,
    key.createdAt,
    key.signsFrom,
    key.publishedUntil ?? '-',
  ]);
  const head = ['KEY', 'STATE', 'CREATED', 'SIGNS FROM', 'PUBLISHED UNTIL'];
  return `${fields({ issuer: url, audience })}\n\n${table(head, rows)}`;
}
