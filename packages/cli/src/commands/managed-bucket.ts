import type { AccessDetails, Connection } from '@causeway/contract';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  print,
} from '../client-command.ts';
import { style } from '../terminal/style.ts';
import { fields, printable, table, toJson } from '../terminal/table.ts';

/** `causeway connections provision|access-details|set-access|revoke-access`: managed buckets. */
export function managedBucketCommands(show: (connection: Connection) => string): Command[] {
  return [provision(show), details(), setAccess(show), revoke(show)];
}

function provision(show: (connection: Connection) => string): Command {
  return clientCommand('provision', 'make a managed bucket, or put back what was changed in it')
    .argument('<id>', 'the connection')
    .option('--replace-policy', 'also remove what others have added to the bucket policy')
    .addHelpText('after', '\nSafe to repeat: after a failure it goes on where it stopped.')
    .addHelpText('after', examples('causeway connections provision conn_...'))
    .action(async (id: string, options: ClientOptions & { replacePolicy?: true }) => {
      const bucketPolicy = options.replacePolicy ? 'replace' : 'merge';
      const made = await clientFor(options).managedBuckets.provision({ id, bucketPolicy });
      print(options, made, show);
    });
}

function details(): Command {
  return clientCommand('access-details', 'what a customer needs to use its managed bucket')
    .argument('<id>', 'the connection')
    .addHelpText('after', examples('causeway connections access-details conn_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).managedBuckets.accessDetails({ id }), showDetails);
    });
}

interface SetAccessOptions extends ClientOptions {
  readonly access?: 'bucket_policy' | 'operator_role';
  readonly externalId?: 'none' | 'generated';
  readonly receipts?: boolean;
}

function setAccess(show: (connection: Connection) => string): Command {
  return clientCommand('set-access', 'change how a customer comes into its managed bucket')
    .argument('<id>', 'the connection')
    .addOption(
      new Option(
        '--access <method>',
        'the new way, which is there before the old one is closed',
      ).choices(['bucket_policy', 'operator_role']),
    )
    .addOption(
      new Option(
        '--external-id <choice>',
        'for operator_role. Warning: with "generated", nobody can switch to the role in the AWS console',
      ).choices(['none', 'generated']),
    )
    .option('--receipts', 'let the customer write receipts of what is delivered to it')
    .option('--no-receipts', 'let it write none')
    .addHelpText(
      'after',
      '\nWhat is not named stays. Afterwards the customer may need new values: access-details.',
    )
    .addHelpText(
      'after',
      examples(
        'causeway connections set-access conn_... --access operator_role',
        'causeway connections set-access conn_... --receipts',
      ),
    )
    .action(async (id: string, options: SetAccessOptions) => {
      const { access, externalId, receipts } = options;
      const change = { id, ...defined({ access, externalId, receipts }) };
      print(options, await clientFor(options).managedBuckets.changeAccess(change), show);
    });
}

function revoke(show: (connection: Connection) => string): Command {
  return clientCommand('revoke-access', "close a customer's way into its managed bucket")
    .argument('<id>', 'the connection')
    .addHelpText('after', '\nBucket and data stay; "provision" lets the customer in again.')
    .addHelpText('after', examples('causeway connections revoke-access conn_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).managedBuckets.revokeAccess({ id }), show);
    });
}

/** Everything in the order in which the customer needs it. */
function showDetails(found: AccessDetails): string {
  const { bucket, role, customerPolicy, cli, console: pages } = found;
  const section = (title: string, text: string) => `\n${style('bold', title)}\n${text}`;
  return [
    fields({
      bucket: bucket.name,
      'bucket ARN': bucket.arn,
      region: bucket.region,
      account: found.customerAccountId,
      ...(role && { 'role ARN': role.arn, 'role name': role.name, 'external ID': role.externalId }),
    }),
    section(
      'Folders',
      table(
        ['LOCATION', 'YOU MAY'],
        found.folders.map(({ location, customerMay }) => [
          location,
          customerMay.replaceAll('_', ' '),
        ]),
      ),
    ),
    section(
      'Steps',
      found.steps
        .map(
          ({ title, text, needsAdmin }, i) =>
            `${i + 1}. ${printable(title)}${needsAdmin ? ' (AWS administrator)' : ''}: ${printable(text)}`,
        )
        .join('\n'),
    ),
    section(`Policy ${printable(customerPolicy.name)}`, toJson(customerPolicy.document)),
    ...(found.receipts === null ? [] : [section('Receipts', printable(found.receipts))]),
    ...(cli.profile === null ? [] : [section('For ~/.aws/config', cli.profile.trimEnd())]),
    section('Commands', cli.commands.map(({ command }) => printable(command)).join('\n')),
    section(
      'AWS console',
      [
        printable(pages.note),
        ...(pages.switchRole ? [`Switch role: ${pages.switchRole.url}`] : []),
        `Bucket: ${bucket.consoleUrl}`,
      ].join('\n'),
    ),
  ].join('\n');
}
