import type { Connection } from '@causeway/contract';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  print,
} from '../client-command.ts';
import { addWriteOptions, type WriteOptionFlags, writeOptionsOf } from './write-options.ts';

interface UpdateOptions extends ClientOptions, WriteOptionFlags {
  readonly name?: string;
  readonly default?: true;
  readonly location?: string;
  readonly account?: string;
  readonly overwrites?: boolean;
  readonly pause?: true;
  readonly resume?: true;
  readonly kmsKey?: string;
  readonly tags?: boolean;
}

/** `causeway connections update`. */
export function updateCommand(show: (connection: Connection) => string): Command {
  const command = clientCommand('update', 'change a connection; what is not named stays')
    .argument('<id>', 'the connection')
    .option('--name <name>', 'tells several connections of a customer apart')
    .option('--default', 'make it the one that flows use when they name none')
    .option('--location <s3://bucket/prefix/>', "where in the customer's bucket")
    .option('--account <id>', "the 12 digits of the customer's AWS account")
    .option('--overwrites', 'ask for the right to delete')
    .option('--no-overwrites', 'ask for it no more')
    .addOption(new Option('--pause', 'move no data until it is resumed').conflicts('resume'))
    .option('--resume', 'check it again and go on')
    .option(
      '--kms-key <arn>',
      "encrypt with this key of the customer's; none leaves it to the bucket",
    );
  return addWriteOptions(command)
    .option('--no-tags', 'put no tags on objects')
    .addHelpText(
      'after',
      '\nAnother place, account or way to write must be checked again: causeway connections check',
    )
    .addHelpText(
      'after',
      examples(
        'causeway connections update conn_... --kms-key arn:aws:kms:eu-west-1:222222222222:key/... --acl bucket-owner-full-control',
        'causeway connections update conn_... --tag team=data --tag source=vendor --storage-class INTELLIGENT_TIERING',
      ),
    )
    .action(async (id: string, options: UpdateOptions) => {
      const change = defined({
        name: options.name,
        isDefault: options.default,
        location: options.location,
        accountId: options.account,
        overwrites: options.overwrites,
        paused: pausedOf(options),
        writeOptions: writeOptionsOf({ ...options, noTags: options.tags === false }),
      });
      print(options, await clientFor(options).connections.update({ id, ...change }), show);
    });
}

function pausedOf({ pause, resume }: UpdateOptions): boolean | undefined {
  if (pause) return true;
  return resume ? false : undefined;
}
