import { Access, Capability, type Connection, type ManagedBucketPreview } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
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
import { fields, printable, toJson } from '../terminal/table.ts';
import { addWriteOptions, type WriteOptionFlags, writeOptionsOf } from './write-options.ts';

interface CreateOptions extends ClientOptions, WriteOptionFlags {
  readonly customer: string;
  readonly access: Access;
  readonly name?: string;
  readonly capability?: readonly Capability[];
  readonly overwrites?: boolean;
  readonly location?: string;
  readonly account?: string;
  readonly roleArn?: string;
  readonly properties: boolean;
  readonly issuer?: string;
  readonly audience?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly resourceId?: string;
  readonly externalId?: true;
  readonly ownership?: 'enforced' | 'bucket_owner_full_control';
  readonly kmsKey?: string;
  readonly versioning?: true;
  readonly receipts: boolean;
  readonly dryRun?: true;
}

/** `causeway connections create`: by every access; the server says what an access does not take. */
export function createCommand(show: (connection: Connection) => string): Command {
  const command = clientCommand('create', "connect a customer's bucket, or make one for it")
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
    .option('--overwrites', 'ask for the right to delete, for deliveries that replace their files')
    .option('--location <s3://bucket/prefix/>', "where in the customer's bucket; may follow later")
    .option('--account <id>', "the 12 digits of the customer's AWS account; may follow later")
    .option('--role-arn <arn>', 'role, web_identity: a role that the customer has already')
    .option('--no-properties', "fill nothing in from the customer's properties")
    .option('--issuer <url>', "web_identity: another issuer of tokens than Causeway's own")
    .option('--audience <audience>', 'web_identity: another audience than usual')
    .option('--endpoint <url>', 'access_key: an S3-compatible store')
    .option('--region <region>', 'of the bucket, where the store does not tell it')
    .option('--resource-id <id>', 'managed buckets: the part of the name that the customer chooses')
    .option(
      '--external-id',
      'operator_role: the customer must give an external ID. Warning: nobody can switch to the role in the AWS console then',
    )
    .addOption(
      new Option(
        '--ownership <rule>',
        'managed buckets: disable ACLs (enforced, the default), or demand "--acl bucket-owner-full-control" of every write',
      ).choices(['enforced', 'bucket_owner_full_control']),
    )
    .option(
      '--kms-key <arn>',
      "encrypt with this key: the customer's; of managed buckets, the operator's",
    )
    .option('--versioning', 'managed buckets: keep what is overwritten')
    .option(
      '--no-receipts',
      'managed buckets: do not let the customer write receipts of what is delivered to it',
    )
    .option('--dry-run', 'managed buckets: show what would be made, and make nothing');
  return addWriteOptions(command)
    .addHelpText(
      'after',
      examples(
        'causeway connections create --customer cus_... --location s3://acme-data/causeway/ --account 222222222222',
        'causeway connections create --customer cus_... --location s3://acme-data/causeway/ --role-arn arn:aws:iam::222222222222:role/vendors/causeway',
        'causeway connections create --customer cus_... --access web_identity --location s3://acme-data/causeway/ --account 222222222222',
        'causeway connections create --customer cus_... --access bucket_policy --resource-id acme --account 222222222222',
        'causeway connections create --customer cus_... --location s3://acme-data/causeway/ --storage-class STANDARD_IA --tag team=data',
      ),
    )
    .action(async (options: CreateOptions, command: Command) => {
      const client = clientFor(options);
      const body = bodyOf(options);
      if (!options.dryRun) return print(options, await client.connections.create(body), show);
      if (body.access !== 'bucket_policy' && body.access !== 'operator_role') {
        return command.error('error: --dry-run is for --access bucket_policy and operator_role');
      }
      print(options, await client.managedBuckets.preview(body), showPreview);
    });
}

type Body = Parameters<Client['connections']['create']>[0];

/** Only what was given: which access takes what is for the server to say. */
function bodyOf(options: CreateOptions): Body {
  const { access, name, location, issuer, audience, endpoint, region, resourceId } = options;
  const isManaged = access === 'bucket_policy' || access === 'operator_role';
  const settings = settingsOf(options, isManaged);
  return defined({
    customerId: options.customer,
    access,
    name,
    capabilities: options.capability,
    overwrites: options.overwrites,
    location,
    accountId: options.account,
    roleArn: options.roleArn,
    useProperties: options.properties ? undefined : false,
    issuer,
    audience,
    endpoint,
    region,
    resourceId,
    externalId: options.externalId && 'generated',
    writeOptions: writeOptionsOf({ ...options, kmsKey: isManaged ? undefined : options.kmsKey }),
    receipts: options.receipts ? undefined : false,
    settings: Object.keys(settings).length > 0 ? settings : undefined,
  }) as unknown as Body;
}

function settingsOf({ ownership, kmsKey, versioning }: CreateOptions, isManaged: boolean) {
  return defined({ ownership, kmsKeyArn: isManaged ? kmsKey : undefined, versioning });
}

function showPreview({ bucketName, ...preview }: ManagedBucketPreview): string {
  const { makes, warnings, bucketPolicy, role, customerPolicy } = preview;
  const section = (title: string, document: unknown) =>
    `\n${style('bold', title)}\n${toJson(document)}`;
  return [
    fields({ bucket: bucketName }),
    ...makes.map((text) => `- ${printable(text)}`),
    ...warnings.map((text) => printable(`Warning: ${text}`)),
    section('Bucket policy', bucketPolicy),
    ...(role === null
      ? []
      : [
          section('Trust policy', role.trustPolicy),
          section('Permissions', role.permissionsPolicy),
        ]),
    section("For the customer's own users or roles", customerPolicy),
    '\nNothing was made',
  ].join('\n');
}
