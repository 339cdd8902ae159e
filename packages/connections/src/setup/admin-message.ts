import {
  type Capability,
  existingRoleStep,
  findGuideValue,
  guideValue,
  type SetupGuide,
} from '@causeway/contract';
import { revokeCommands } from './revoke-commands.ts';

/**
 * The message to an AWS administrator who has never heard of Causeway: who asks, for
 * what, what will be created, the policies themselves and how to take it all back. A
 * security reviewer can approve it without opening anything else.
 */
export function adminMessage(guide: SetupGuide, operatorName: string): string {
  return [
    `Subject: access to ${guide.location ?? 'a bucket'} for ${operatorName}`,
    `${operatorName} asks for access to ${guide.location}${accountOf(guide)}:`,
    [
      ...guide.capabilities.map((capability) => `- ${grants[capability]}`),
      ...(guide.overwrites ? ['- delete files under the prefix that it has replaced'] : []),
      ...optionGrants(guide).map((grant) => `- ${grant}`),
    ].join('\n'),
    ...(guide.owner === 'customer'
      ? ['Nothing outside that prefix can be listed, read or written.']
      : []),
    `What is created: ${created(guide)}`,
    ...documents(guide).flatMap(({ title, document }) => [
      `${title}:`,
      JSON.stringify(document, null, 2),
    ]),
    'To revoke the access, at any time and without asking anybody:',
    revokeCommands(guide)
      .map((line) => `  ${line}`)
      .join('\n'),
    '',
  ].join('\n\n');
}

/** What a capability lets Causeway do, for the one who grants it. */
export const grants: Readonly<Record<Capability, string>> = {
  deliver: 'write files under the prefix, and read back what was written',
  ingest: 'list and read the files under the prefix',
  browse: 'list, read and write the files under the prefix',
};

function optionGrants({ writeOptions: { kmsKeyArn, tags, acl } }: SetupGuide): string[] {
  const names = Object.keys(tags);
  return [
    ...(kmsKeyArn === null ? [] : [`use the key ${kmsKeyArn} for these files, through S3`]),
    ...(names.length === 0 ? [] : [`put tags on files under the prefix (${names.join(', ')})`]),
    ...(acl === null ? [] : ["give the bucket's owner full control of files under the prefix"]),
  ];
}

function accountOf(guide: SetupGuide): string {
  const account = findGuideValue(
    guide,
    guide.owner === 'operator' ? 'customerAccountId' : 'accountId',
  );
  return account === undefined ? '' : `, for AWS account ${account}`;
}

function created(guide: SetupGuide): string {
  if (existingRoleStep(guide)) {
    return `nothing new but one inline policy of your IAM role ${guideValue(guide, 'roleName')}, and one statement in its trust policy. No users and no keys. Whoever else may assume the role still may.`;
  }
  switch (guide.access) {
    case 'role':
      return `one IAM role, ${guideValue(guide, 'roleName')}, with one inline policy. No users and no keys. Only ${guideValue(guide, 'principalArn')} can assume it, and only with the external ID ${guideValue(guide, 'externalId')}.`;
    case 'web_identity':
      return `one IAM role, ${guideValue(guide, 'roleName')}, with one inline policy, and the OpenID Connect provider ${guideValue(guide, 'issuer')} unless it is registered. No users and no keys. Only tokens for ${guideValue(guide, 'subject')} can assume the role.`;
    case 'access_key':
      return `one IAM user, ${guideValue(guide, 'userName')}, with one inline policy and one access key, whose secret is entered in Causeway and kept encrypted there.`;
    case 'bucket_policy':
    case 'operator_role':
      return `one inline policy for the user, group or role that is to use the bucket. The bucket is in the account of ${operatorName(guide)}.`;
  }
}

function operatorName(guide: SetupGuide): string {
  return guide.accountId ?? 'the operator';
}

function documents(guide: SetupGuide): { title: string; document: object }[] {
  if (guide.missing.length > 0) return [];
  const titles = {
    trustPolicy: 'Who may assume the role (trust policy)',
    permissionsPolicy: 'What it may do (permissions policy)',
    customerPolicy: 'The inline policy',
  };
  return Object.entries(titles).flatMap(([name, title]) => {
    const found = guide.documents.find((each) => each.name === name && each.side === 'customer');
    return found ? [{ title, document: found.document }] : [];
  });
}
