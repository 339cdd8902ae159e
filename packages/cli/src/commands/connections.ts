import { type Connection, formatLocation, type SetupGuide } from '@causeway/contract';
import { Command } from 'commander';
import { type ClientOptions, clientCommand, clientFor, print } from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printCheck } from '../terminal/print-check.ts';
import { style } from '../terminal/style.ts';
import { fields, table } from '../terminal/table.ts';

/** `causeway connections create|list|get|setup|check`. */
export function connectionsCommand(): Command {
  return new Command('connections')
    .description("authorised paths into customers' buckets")
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(setup())
    .addCommand(check());
}

interface CreateOptions extends ClientOptions {
  readonly customer: string;
  readonly location: string;
  readonly account: string;
}

function create(): Command {
  return clientCommand('create', "connect a customer's bucket by a role")
    .requiredOption('--customer <id>')
    .requiredOption('--location <s3://bucket/prefix/>')
    .requiredOption('--account <id>', 'the 12 digits of the AWS account that holds bucket and role')
    .addHelpText(
      'after',
      '\nExample:\n  causeway connections create --customer cus_... --location s3://acme-data/causeway/ --account 222222222222',
    )
    .action(async (options: CreateOptions) => {
      const connection = await clientFor(options).connections.create({
        customerId: options.customer,
        location: options.location,
        accountId: options.account,
      });
      print(options, connection, show);
    });
}

function list(): Command {
  return clientCommand('list', 'list connections, newest first')
    .option('--customer <id>', 'only those of one customer')
    .option('--limit <n>', 'how many', Number, 50)
    .option('--cursor <cursor>', 'where the page before ended')
    .action(
      async (options: ClientOptions & { customer?: string; limit: number; cursor?: string }) => {
        const { customer, limit, cursor } = options;
        const page = await clientFor(options).connections.list({
          limit,
          ...(cursor && { cursor }),
          ...(customer && { customerId: customer }),
        });
        print(options, page, ({ items }) =>
          table(
            ['ID', 'CUSTOMER', 'LOCATION', 'STATUS', 'REGION'],
            items.map((c) => [c.id, c.customerId, formatLocation(c), c.status, c.region ?? '-']),
          ),
        );
      },
    );
}

function get(): Command {
  return clientCommand('get', 'show a connection and its last check')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).connections.get({ id }), show);
    });
}

function setup(): Command {
  return clientCommand('setup', "show what the customer's administrator must create")
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).connections.setupGuide({ id }), showGuide);
    });
}

function check(): Command {
  return clientCommand('check', 'prove that a connection works and is safe')
    .argument('<id>')
    .option('--wait <seconds>', 'give a new role time to spread through AWS, up to 90', Number, 0)
    .addHelpText('after', `\nExits with ${exitCodes.notProved} if the connection is not healthy.`)
    .action(async (id: string, options: ClientOptions & { wait: number }) => {
      const report = await clientFor(options).connections.check({ id, waitSeconds: options.wait });
      print(options, report, (r) => `${printCheck(r)}\n\n${r.outcome}`);
      if (report.outcome !== 'healthy') process.exitCode = exitCodes.notProved;
    });
}

function show(connection: Connection): string {
  const { lastCheck, capabilities, bucket, prefix, ...rest } = connection;
  const facts = fields({
    ...rest,
    capabilities: capabilities.join(', '),
    location: formatLocation({ bucket, prefix }),
  });
  return lastCheck
    ? `${facts}\n\nlast check ${lastCheck.checkedAt}\n${printCheck(lastCheck)}`
    : facts;
}

/** The setup for a person with the AWS console or command line. */
export function showGuide(guide: SetupGuide): string {
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    fields({
      account: guide.accountId,
      location: guide.location,
      'role name': guide.roleName,
      'external ID': guide.externalId,
    }),
    '',
    style('bold', `Trust policy of role ${guide.roleName}`),
    json(guide.trustPolicy),
    '',
    style('bold', `Permissions policy of role ${guide.roleName}`),
    json(guide.permissionsPolicy),
    '',
    style('bold', 'Steps'),
    ...guide.steps.map(
      (step, i) =>
        `${i + 1}. ${step.title}: ${step.service} ${step.operation}${step.skipWhen ? ` (not if ${step.skipWhen})` : ''}`,
    ),
  ].join('\n');
}
