import {
  type AccessDetails,
  type Capability,
  flowPrefix,
  formatLocation,
  type ManagedConnection,
} from '@causeway/contract';
import { expectedDocuments } from '../check/expected-documents.ts';
import type { Operator } from '../operator.ts';
import { partitionOfOperator } from '../operator-without-account.ts';
import { consoleLinks } from './console-links.ts';
import { receiptsPrefix } from './managed-access.ts';

/** The name that guides give the customer's policy. */
const policyName = 'causeway-managed-bucket-access';

/**
 * Everything that a customer needs to use its managed bucket, with its own values: no
 * placeholder but the profile that it has already, and the ID of a run.
 */
export function accessDetails(connection: ManagedConnection, operator: Operator): AccessDetails {
  const { id, access, bucket, bucketArn, customerAccountId } = connection;
  const region = connection.region ?? operator.region;
  const role = access === 'operator_role' ? connection : null;
  const links = consoleLinks(partitionOfOperator(operator), region);
  const customerPolicy = expectedDocuments(connection, operator)['customerPolicy'];
  const switchRole =
    role === null || role.externalId !== null
      ? null
      : switchValues(operator.accountId, role.roleName, connection, links);
  return {
    connectionId: id,
    access,
    isAccessMutable: isAccessMutable(connection),
    bucket: { name: bucket, arn: bucketArn, region, consoleUrl: links.bucket(bucket) },
    customerAccountId,
    folders: connection.capabilities.map((capability) => folder(connection, capability)),
    receipts: receiptsUri(connection),
    role: role && { arn: role.roleArn, name: role.roleName, externalId: role.externalId },
    customerPolicy: { name: policyName, document: { ...customerPolicy } },
    cli: cli(connection, region),
    console: { switchRole, note: consoleNote(connection) },
    steps: steps(connection),
  };
}

/** Steps of a check that say that the way in is not as we made it. */
const handMadeCauses: ReadonlySet<string> = new Set([
  'managed_policy_changed',
  'managed_policy_extended',
  'managed_role_changed',
]);

function isAccessMutable({ lastCheck }: ManagedConnection): boolean {
  const causes = lastCheck?.steps.map(({ cause }) => cause) ?? [];
  return !causes.some((cause) => cause !== undefined && handMadeCauses.has(cause));
}

/** Seen from the customer: what is delivered it may read, and what is ingested it may write. */
const customerMay = {
  deliver: 'read',
  ingest: 'write',
  browse: 'read_and_write',
} as const satisfies Record<Capability, AccessDetails['folders'][number]['customerMay']>;

function folder(connection: ManagedConnection, capability: Capability) {
  return {
    capability,
    location: folderUri(connection, capability),
    customerMay: customerMay[capability],
  };
}

function folderUri(connection: ManagedConnection, capability: Capability): string {
  const { bucket } = connection;
  return formatLocation({ bucket, prefix: flowPrefix(connection, capability) });
}

/** Null where the customer may write none. */
function receiptsUri(connection: ManagedConnection): string | null {
  const { bucket, receipts } = connection;
  return receipts ? formatLocation({ bucket, prefix: receiptsPrefix(connection) }) : null;
}

type Links = ReturnType<typeof consoleLinks>;

function switchValues(
  account: string,
  roleName: string,
  { resourceId }: ManagedConnection,
  links: Links,
) {
  const displayName = `causeway-${resourceId}`;
  const url = links.switchRole({ account, roleName, displayName });
  return { account, roleName, displayName, url };
}

function consoleNote(connection: ManagedConnection): string {
  const bookmark =
    'The bucket belongs to another account, so it is not in your list of buckets: open the link to the bucket and bookmark it';
  if (connection.access === 'bucket_policy') return bookmark;
  if (connection.externalId === null) return `Switch to the role first. ${bookmark}`;
  return 'The AWS console cannot be used: the role demands an external ID, which the console has no field for. Use the AWS CLI or an SDK';
}

/** The profile that the customer's own credentials are in. */
const sourceProfile = 'default';

function cli(connection: ManagedConnection, region: string): AccessDetails['cli'] {
  const isRole = connection.access === 'operator_role';
  const profileName = isRole ? `causeway-${connection.resourceId}` : sourceProfile;
  const profile = isRole
    ? [
        `[profile ${profileName}]`,
        `role_arn = ${connection.roleArn}`,
        ...(connection.externalId === null ? [] : [`external_id = ${connection.externalId}`]),
        `source_profile = ${sourceProfile}`,
        `region = ${region}`,
        '',
      ].join('\n')
    : null;
  return { profileName, profile, commands: commands(connection, profileName) };
}

function commands(connection: ManagedConnection, profile: string) {
  const { capabilities, settings } = connection;
  const s3 = (title: string, command: string) => ({
    title,
    command: `aws s3 ${command} --profile ${profile}`,
  });
  const writes = capabilities.filter((each) => each !== 'deliver');
  const reads = capabilities.filter((each) => each !== 'ingest');
  const acl = settings.ownership === 'enforced' ? '' : ' --acl bucket-owner-full-control';
  return [
    ...capabilities.map((each) => s3('List', `ls ${folderUri(connection, each)}`)),
    ...writes.map((each) =>
      s3('Upload a file', `cp file.csv ${folderUri(connection, each)}my_directory/${acl}`),
    ),
    ...reads.map((each) => s3('Download all', `cp --recursive ${folderUri(connection, each)} .`)),
    ...(!connection.receipts
      ? []
      : [
          {
            title: 'Say that a run was received, with its ID in the place of "run_..."',
            command: `aws s3api put-object --bucket ${connection.bucket} --key ${receiptsPrefix(connection)}run_...${acl} --profile ${profile}`,
          },
        ]),
  ];
}

function steps(connection: ManagedConnection): AccessDetails['steps'] {
  const account = {
    title: 'Use the right account',
    text: `Sign in to account ${connection.customerAccountId}. Its 12 digits are under the account name at the top right of the AWS console; "aws sts get-caller-identity" prints them too`,
    needsAdmin: false,
  };
  const create = {
    title: 'Create the policy',
    text: `In IAM, open the user, group or role that is to use the bucket, choose "Add permissions", "Create inline policy", "JSON", paste the policy and call it "${policyName}"`,
    needsAdmin: true,
  };
  const use = { title: 'List and copy files', text: 'Run the commands below', needsAdmin: false };
  if (connection.access === 'bucket_policy') return [account, create, use];
  const profile = {
    title: 'Add the profile',
    text: `Add the profile to ~/.aws/config. "source_profile" names the profile with the credentials of the user who has the policy; it need not be "${sourceProfile}"`,
    needsAdmin: false,
  };
  return [account, create, profile, use, ...switchSteps(connection)];
}

function switchSteps(connection: ManagedConnection): AccessDetails['steps'] {
  if (connection.access !== 'operator_role' || connection.externalId !== null) return [];
  return [
    {
      title: 'Or use the AWS console',
      text: `Open the link, or choose "Switch role" under the account name, and enter account, role and display name. The role name is what follows ":role/" in the ARN: ${connection.roleName}`,
      needsAdmin: false,
    },
  ];
}
