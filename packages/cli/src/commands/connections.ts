import { type CheckReport, type Connection, formatLocation, Owner } from '@causeway/contract';
import { Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
  wholeNumber,
} from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printCheck } from '../terminal/print-check.ts';
import { fields } from '../terminal/table.ts';
import { connectionKeysCommand } from './connection-keys.ts';
import { createCommand } from './create-connection.ts';
import { diagnoseCommand } from './diagnose-connection.ts';
import { managedBucketCommands } from './managed-bucket.ts';
import { setupCommand } from './setup-connection.ts';
import { updateCommand } from './update-connection.ts';

/** `causeway connections create|list|get|update|setup|check`. */
export function connectionsCommand(): Command {
  const command = new Command('connections')
    .description("authorised paths into customers' buckets")
    .addCommand(createCommand(show))
    .addCommand(list())
    .addCommand(get())
    .addCommand(updateCommand(show))
    .addCommand(setupCommand())
    .addCommand(check())
    .addCommand(connectionKeysCommand())
    .addCommand(diagnoseCommand());
  for (const each of managedBucketCommands(show)) command.addCommand(each);
  return command;
}

function list(): Command {
  return pageCommand('list', 'list connections, newest first')
    .option('--customer <id>', 'only those of one customer')
    .addOption(
      new Option('--owner <owner>', 'only buckets of one: "operator" for managed ones').choices(
        Owner.options,
      ),
    )
    .addHelpText('after', examples('causeway connections list --customer cus_...'))
    .action(async (options: PageOptions & { customer?: string; owner?: Owner }) => {
      const { customer, owner } = options;
      const query = {
        ...pageQuery(options),
        ...(customer !== undefined && { customerId: customer }),
        ...(owner !== undefined && { owner }),
      };
      printPage(options, await clientFor(options).connections.list(query), {
        head: ['ID', 'CUSTOMER', 'LOCATION', 'ACCESS', 'HEALTH', 'NEXT'],
        row: (c) => [
          c.id,
          c.customerId,
          placeOf(c),
          c.access,
          c.health.label,
          c.health.nextAction?.code.replaceAll('_', ' ') ?? '-',
        ],
        empty: 'There are no connections: causeway connections create makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a connection and its last check')
    .argument('<id>', 'the connection')
    .addHelpText('after', examples('causeway connections get conn_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).connections.get({ id }), show);
    });
}

function check(): Command {
  return clientCommand('check', 'prove that a connection works and is safe')
    .argument('<id>', 'the connection')
    .option(
      '--wait <seconds>',
      'give a new role time to spread through AWS, up to 90',
      wholeNumber,
      0,
    )
    .addHelpText('after', `\nExits with ${exitCodes.notProved} if the connection is not healthy.`)
    .addHelpText('after', examples('causeway connections check conn_... --wait 60'))
    .action(async (id: string, options: ClientOptions & { wait: number }) => {
      const report = await clientFor(options).connections.check({ id, waitSeconds: options.wait });
      print(options, report, (r) => `${printCheck(r)}\n\n${conclusions[r.outcome]}`);
      if (report.outcome !== 'healthy') process.exitCode = exitCodes.notProved;
    });
}

const conclusions: Readonly<Record<CheckReport['outcome'], string>> = {
  healthy: 'The connection is healthy',
  insecure: 'The connection is insecure and stays inactive until the role demands the external ID',
  failing: 'The connection is failing: follow the fix above and check again',
};

function placeOf({ bucket, prefix }: Connection): string {
  return bucket === null ? 'not named yet' : formatLocation({ bucket, prefix });
}

function show(connection: Connection): string {
  const { lastCheck, capabilities, bucket, prefix, health, ...rest } = connection;
  const facts = fields({
    ...Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        name,
        typeof value === 'string' || value === null ? value : JSON.stringify(value),
      ]),
    ),
    capabilities: capabilities.join(', '),
    location: placeOf(connection),
    health: `${health.label}: ${health.reason}`,
    next: health.nextAction?.text ?? null,
  });
  return lastCheck
    ? `${facts}\n\nlast check ${lastCheck.checkedAt}\n${printCheck(lastCheck)}`
    : facts;
}
