import { type AccessInput, accessMethods, PolicyInputError } from '@causeway/policy';
import { Command, Option } from 'commander';
import { examples } from '../client-command.ts';
import type { GenerateOptions } from '../policy/run-generate.ts';

interface GenerateFlags extends GenerateOptions {
  readonly access: AccessInput['access'];
  readonly capability: AccessInput['capabilities'];
  readonly bucket: string;
  readonly prefix: string;
  readonly account: string;
  readonly partition: string;
  readonly kmsKey?: string;
  readonly setsTags?: boolean;
  readonly setsAcl?: boolean;
  readonly principalName?: string;
  readonly externalId?: string;
  readonly operatorPrincipal?: readonly string[];
  readonly operatorAccount?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly customerPrincipal?: readonly string[];
  readonly origin?: readonly string[];
  readonly confine?: boolean;
  readonly label?: string;
  readonly listAllMyBuckets?: boolean;
  readonly ownerFullControl?: boolean;
  readonly receipts?: boolean;
}

/** `causeway policy generate`. */
export function generateCommand(): Command {
  return new Command('generate')
    .description('write the least-privilege documents of an access')
    .addOption(
      new Option('--access <method>', 'how the bucket is reached')
        .choices(accessMethods)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--capability <name...>', 'what the connection is for')
        .choices(['deliver', 'ingest', 'browse'])
        .default(['deliver']),
    )
    .requiredOption('--bucket <name>', 'the bucket')
    .option('--prefix <folder/>', 'the folder in it; empty for the whole bucket', '')
    .requiredOption('--account <id>', "the 12 digits of the customer's AWS account")
    .option('--partition <name>', 'aws, aws-cn or aws-us-gov', 'aws')
    .option('--kms-key <arn>', 'the KMS key that encrypts the bucket')
    .option('--sets-tags', 'let objects be written with tags')
    .option('--sets-acl', 'let objects be written with the ACL bucket-owner-full-control')
    .option('--principal-name <name>', 'the name of the role or user (default: causeway)')
    .option('--external-id <id>', 'role: the external ID of the connection')
    .option(
      '--operator-principal <arn...>',
      'role: who of the operator assumes it; two in a change',
    )
    .option('--operator-account <id>', 'operator_role: the account that has bucket and role')
    .option('--issuer <url>', 'web_identity: who issues the tokens')
    .option('--audience <aud>', 'web_identity: the audience of the tokens')
    .option('--subject <sub>', 'web_identity: the subject of the tokens')
    .option(
      '--customer-principal <arn...>',
      'managed buckets: roles and users instead of the account',
    )
    .option('--origin <url...>', 'browse: the pages that use the bucket from browsers')
    .option('--confine', 'deny in the bucket policy whatever the role or user does not need')
    .option('--label <text>', 'ends the names of statements, for several connections to a bucket')
    .option('--list-all-my-buckets', 'let the role or user see the names of all buckets')
    .option('--owner-full-control', 'managed buckets: demand that ACL of every write')
    .option('--receipts', 'managed buckets: let the customer write receipts of deliveries')
    .option('--document <name>', 'print only this document, such as trustPolicy')
    .option(
      '--merge-into <file>',
      'add the document to what is in this file (- for standard input)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'causeway policy generate --access role --bucket acme-data --prefix causeway/ --account 222222222222 \\',
        '    --operator-principal arn:aws:iam::111111111111:role/causeway --external-id cw-...',
        'causeway policy generate --access bucket_policy --capability ingest --bucket acme-in --account 222222222222 --json',
        'aws s3api get-bucket-policy --bucket acme-data --query Policy --output text | \\',
        '  causeway policy generate --access access_key --bucket acme-data --account 222222222222 \\',
        '    --document bucketPolicy --merge-into -',
      ),
    )
    .action(async (flags: GenerateFlags, command: Command) => {
      if (flags.mergeInto !== undefined && flags.document === undefined) {
        command.error('error: --merge-into needs --document');
      }
      const { runGenerate, UnknownDocument } = await import('../policy/run-generate.ts');
      try {
        await runGenerate(inputOf(flags), flags);
      } catch (error) {
        if (error instanceof PolicyInputError) command.error(describeInput(error));
        if (error instanceof UnknownDocument) command.error(`error: ${error.message}`);
        throw error;
      }
    });
}

/** The flags by the names that the generators have for them. */
function inputOf(flags: GenerateFlags): AccessInput {
  const { capability, account, kmsKey, operatorPrincipal, operatorAccount, ...rest } = flags;
  const { customerPrincipal, origin } = flags;
  return {
    ...rest,
    capabilities: capability,
    accountId: account,
    ...(kmsKey !== undefined && { kmsKeyArn: kmsKey }),
    ...(operatorPrincipal && { operatorPrincipals: operatorPrincipal }),
    ...(operatorAccount !== undefined && { operatorAccountId: operatorAccount }),
    ...(customerPrincipal && { customerPrincipals: customerPrincipal }),
    ...(origin && { origins: origin }),
  };
}

const flagNames: Readonly<Record<string, string>> = {
  accountId: 'account',
  capabilities: 'capability',
  kmsKeyArn: 'kms-key',
  operatorPrincipals: 'operator-principal',
  principalArn: 'operator-principal',
  operatorAccountId: 'operator-account',
  customerPrincipals: 'customer-principal',
  origins: 'origin',
  existing: 'merge-into',
  prefixes: 'prefix',
};

/** What is wrong, by the flag that can mend it. */
function describeInput({ field, message, hint }: PolicyInputError): string {
  const name = flagNames[field] ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `error: ${message.replace(`: ${field} `, `: --${name} `)}\n${hint}`;
}
