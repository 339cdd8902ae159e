import {
  Access,
  Capability,
  type NewSetupLink,
  type SetupLink,
  type SetupLinkCreate,
} from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
  wholeNumber,
} from '../client-command.ts';
import { fields } from '../terminal/table.ts';

/** `causeway setup-links create|list|revoke`. */
export function setupLinksCommand(): Command {
  return new Command('setup-links')
    .description('links by which customers set up their connections')
    .addCommand(create())
    .addCommand(list())
    .addCommand(revoke());
}

interface CreateOptions extends ClientOptions {
  readonly connection?: string;
  readonly customer?: string;
  readonly access?: Access;
  readonly name?: string;
  readonly capability?: readonly Capability[];
  readonly location?: string;
  readonly account?: string;
  readonly days?: number;
}

function create(): Command {
  return clientCommand('create', 'make a link to send to a customer')
    .option('--connection <id>', 'the connection to set up')
    .option(
      '--customer <id>',
      'instead: make a connection for this customer, together with the link',
    )
    .addOption(
      new Option('--access <access>', 'with --customer: how the bucket is reached').choices(
        Access.options.filter((access) => !managed.has(access)),
      ),
    )
    .option('--name <name>', 'with --customer: tells several connections of a customer apart')
    .addOption(
      new Option('--capability <capability...>', 'with --customer: what it is for').choices(
        Capability.options,
      ),
    )
    .option('--location <s3://bucket/prefix/>', 'with --customer: where; the customer may say it')
    .option(
      '--account <id>',
      'the only AWS account that may be connected; without it you confirm the account later',
    )
    .option('--days <n>', 'how long it is good for, up to 30 (default: 7)', wholeNumber)
    .addHelpText(
      'after',
      '\nThe address is told now and never again. It can be opened as often as needed until it expires or is revoked.',
    )
    .addHelpText(
      'after',
      examples(
        'causeway setup-links create --connection conn_... --account 222222222222',
        'causeway setup-links create --customer cus_... --capability deliver',
      ),
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { connection, customer } = options;
      if ((connection === undefined) === (customer === undefined)) {
        command.error('error: name either --connection or --customer');
      }
      const extra = ofNewConnection.filter((name) => options[name] !== undefined);
      if (customer === undefined && extra.length > 0) {
        command.error(`error: --${extra[0]} is for a new connection: it needs --customer`);
      }
      print(options, await clientFor(options).setupLinks.create(bodyOf(options)), showNew);
    });
}

/** Nobody but the operator has anything to set up there. */
const managed: ReadonlySet<Access> = new Set(['bucket_policy', 'operator_role']);

const ofNewConnection = ['access', 'name', 'capability', 'location'] as const;

type Body = Parameters<Client['setupLinks']['create']>[0];

function bodyOf(options: CreateOptions): Body {
  const { connection, customer, access, name, capability, location, account, days } = options;
  const terms = defined({ expectedAccountId: account, expiresInDays: days });
  if (connection !== undefined) return { ...terms, connectionId: connection };
  const made = defined({ customerId: customer, access, name, capabilities: capability, location });
  return { ...terms, connection: made } as unknown as SetupLinkCreate;
}

interface ListOptions extends PageOptions {
  readonly connection?: string;
}

function list(): Command {
  return pageCommand('list', 'list setup links, newest first')
    .option('--connection <id>', 'only those of one connection')
    .addHelpText('after', examples('causeway setup-links list --connection conn_...'))
    .action(async (options: ListOptions) => {
      const { connection } = options;
      const query = { ...pageQuery(options), ...(connection && { connectionId: connection }) };
      printPage(options, await clientFor(options).setupLinks.list(query), {
        head: ['ID', 'CONNECTION', 'STATUS', 'ACCOUNT', 'OPENED', 'EXPIRES'],
        row: (link) => [
          link.id,
          link.connectionId,
          link.status,
          link.expectedAccountId ?? 'any',
          link.openedAt ?? 'never',
          link.expiresAt,
        ],
        empty: 'There are no setup links: causeway setup-links create makes one',
      });
    });
}

function revoke(): Command {
  return clientCommand('revoke', 'make a setup link useless')
    .argument('<id>', 'the setup link')
    .addHelpText('after', '\nEnds what was begun with it at once. What was set up stays.')
    .addHelpText('after', examples('causeway setup-links revoke lnk_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).setupLinks.revoke({ id }), show);
    });
}

function showNew({ url, ...link }: NewSetupLink): string {
  return `${fields({ url, ...link })}\n\nSend the address to the customer's administrator. It is not told again.`;
}

function show(link: SetupLink): string {
  return fields({ ...link });
}
