import { Access, Capability, type Connection } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';

interface CreateOptions extends ClientOptions {
  readonly customer: string;
  readonly access: Access;
  readonly name?: string;
  readonly capability?: readonly Capability[];
  readonly location?: string;
  readonly account?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly resourceId?: string;
  readonly externalId?: true;
}

/** `causeway connections create`: by every access; the server says what an access does not take. */
export function createCommand(show: (connection: Connection) => string): Command {
  return clientCommand('create', "connect a customer's bucket, or make one for it")
    .requiredOption('--customer <id>', 'the customer')
    .addOption(
      new Option('--access <access>', 'how the bucket is reached')
        .choices(Access.options)
        .default('role'),
    )
    .option('--name <name>', 'tells several connections of a customer apart')
    .addOption(
      new Option('--capability <capability...>', 'what it is for (default: deliver)').choices(
        Capability.options,
      ),
    )
    .option('--location <s3://bucket/prefix/>', "where in the customer's bucket; may follow later")
    .option('--account <id>', "the 12 digits of the customer's AWS account; may follow later")
    .option('--issuer <url>', "web_identity: another issuer of tokens than Causeway's own")
    .option('--audience <audience>', 'web_identity: another audience than usual')
    .option('--endpoint <url>', 'access_key: an S3-compatible store')
    .option('--region <region>', 'access_key: of a store that does not tell it')
    .option('--resource-id <id>', 'managed buckets: the part of the name that the customer chooses')
    .option(
      '--external-id',
      'operator_role: the customer must give an external ID. Warning: nobody can switch to the role in the AWS console then',
    )
    .addHelpText(
      'after',
      examples(
        'causeway connections create --customer cus_... --location s3://acme-data/causeway/ --account 222222222222',
        'causeway connections create --customer cus_... --access web_identity --location s3://acme-data/causeway/ --account 222222222222',
        'causeway connections create --customer cus_... --access bucket_policy --resource-id acme --account 222222222222',
      ),
    )
    .action(async (options: CreateOptions) => {
      print(options, await clientFor(options).connections.create(bodyOf(options)), show);
    });
}

type Body = Parameters<Client['connections']['create']>[0];

/** Only what was given: which access takes what is for the server to say. */
function bodyOf(options: CreateOptions): Body {
  const { access, name, location, issuer, audience, endpoint, region, resourceId } = options;
  const given = {
    customerId: options.customer,
    access,
    name,
    capabilities: options.capability,
    location,
    accountId: options.account,
    issuer,
    audience,
    endpoint,
    region,
    resourceId,
    externalId: options.externalId && 'generated',
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as Body;
}
