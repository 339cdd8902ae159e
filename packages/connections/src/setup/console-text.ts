import {
  findGuideDocument,
  findGuideValue,
  guideValue,
  type SetupGuide,
  type SetupStep,
} from '@causeway/contract';
import { consoleHost } from './console-host.ts';
import { titleOf } from './step-title.ts';

/**
 * The setup by hand in the AWS console: Markdown with the console's own button names,
 * a link to each page, and one value or document at a time to copy.
 */
export function consoleText(guide: SetupGuide): string {
  const steps = guide.steps.filter(({ side }) => side === 'customer');
  const account = findGuideValue(
    guide,
    guide.owner === 'operator' ? 'customerAccountId' : 'accountId',
  );
  return [
    `# Set up ${guide.location} for Causeway`,
    account === undefined
      ? 'In the console or with the tools of your store:'
      : `Sign in to the AWS console of account ${account} as an administrator: every step below takes rights on IAM or on the whole bucket.`,
    ...steps.flatMap((step, i) => [
      `## ${i + 1}. ${titleOf(step)}`,
      ...(step.optional ? ['Optional.'] : []),
      ...instructions(guide, step),
    ]),
    '## Then',
    guide.access === 'access_key'
      ? 'Enter both parts of the key in Causeway. It checks the connection at once.'
      : 'Causeway finds what you made by its name and checks it. A new role or policy takes up to a minute to work everywhere.',
    '',
  ].join('\n\n');
}

function instructions(guide: SetupGuide, step: SetupStep): string[] {
  const host = consoleHost(guide.partition);
  const iam = (path: string) => `Open https://${host}/iam/home#/${path}`;
  const bucketTab = (tab: string) =>
    `Open https://${host}/s3/buckets/${guideValue(guide, 'bucket')}?tab=${tab}`;
  const text = (name: string) => String(step.parameters[name]);
  const policy = (name: string) => block(text(name));
  switch (step.operation) {
    case 'CreateBucket':
      return [
        `Open https://${host}/s3/bucket/create`,
        'Under **Bucket name** enter:',
        plain(text('Bucket')),
        'Leave **Block all public access** on, and choose **Create bucket**.',
      ];
    case 'CreateOpenIDConnectProvider':
      return issuerInstructions(guide, iam('identity_providers/create'));
    case 'CreateRole':
      if (step.merge === 'trustPolicy') return trustInstructions(iam, step);
      return [
        iam('roles/create'),
        'Under **Trusted entity type** choose **Custom trust policy**, and replace the text in the editor by:',
        policy('AssumeRolePolicyDocument'),
        'Choose **Next**, leave **Add permissions** as it is, and choose **Next** again. Under **Role name** enter exactly:',
        plain(text('RoleName')),
        'Choose **Create role**.',
      ];
    case 'PutRolePolicy':
      return inlinePolicy(
        iam(`roles/details/${encodeURIComponent(text('RoleName'))}?section=permissions`),
        step,
      );
    case 'CreateUser':
      return [
        iam('users/create'),
        'Under **User name** enter:',
        plain(text('UserName')),
        'Leave **Provide user access to the AWS Management Console** off. Choose **Next**, **Next** and **Create user**.',
      ];
    case 'PutUserPolicy':
      return userPolicy(iam, step);
    case 'PutBucketPolicy':
      return [
        bucketTab('permissions'),
        'Under **Bucket policy** choose **Edit**. If there is a policy, keep all of its statements and add these to its `Statement` list; if there is none, paste the whole:',
        policy('Policy'),
        'Choose **Save changes**.',
      ];
    case 'PutBucketCors':
      return [
        bucketTab('permissions'),
        'Under **Cross-origin resource sharing (CORS)** choose **Edit**. Keep the rules that are there, and add this one to the list:',
        block(JSON.stringify(findGuideDocument(guide, 'cors')?.['CORSRules'] ?? [])),
        'Choose **Save changes**.',
      ];
    case 'PutBucketLifecycleConfiguration':
      return lifecycleInstructions(guide, bucketTab('management'));
    case 'CreateAccessKey':
      return [
        iam(`users/details/${encodeURIComponent(text('UserName'))}/create-access-key`),
        'Choose **Application running outside AWS**, **Next** and **Create access key**. Copy **Access key** and **Secret access key** before you choose **Done**: AWS never shows the secret again.',
      ];
  }
}

function issuerInstructions(guide: SetupGuide, open: string): string[] {
  return [
    open,
    'Choose **OpenID Connect**. Under **Provider URL** enter:',
    plain(guideValue(guide, 'issuer')),
    'Under **Audience** enter:',
    plain(guideValue(guide, 'audience')),
    'Choose **Add provider**. If the provider is there already, open it and add the audience under **Actions**, **Add audience**.',
  ];
}

function trustInstructions(iam: (path: string) => string, { parameters }: SetupStep): string[] {
  return [
    iam(
      `roles/details/${encodeURIComponent(String(parameters['RoleName']))}?section=trust_relationships`,
    ),
    'Choose **Edit trust policy**. Keep all statements that are there, and add this one to the `Statement` list:',
    block(statementOf(String(parameters['AssumeRolePolicyDocument']))),
    'Choose **Update policy**.',
  ];
}

function statementOf(policy: string): string {
  const { Statement } = JSON.parse(policy) as { Statement: readonly object[] };
  return JSON.stringify(Statement[0]);
}

function userPolicy(iam: (path: string) => string, step: SetupStep): string[] {
  const name = step.parameters['UserName'];
  if (name !== undefined) {
    return inlinePolicy(
      iam(`users/details/${encodeURIComponent(String(name))}?section=permissions`),
      step,
    );
  }
  return inlinePolicy(
    `${iam('users')}, and there the user that is to use the bucket (or, under **User groups** or **Roles**, the group or role)`,
    step,
  );
}

function inlinePolicy(open: string, { parameters }: SetupStep): string[] {
  return [
    open,
    'On the tab **Permissions** choose **Add permissions**, **Create inline policy**, **JSON**, and replace the text in the editor by:',
    block(String(parameters['PolicyDocument'])),
    'Choose **Next**. Under **Policy name** enter:',
    plain(String(parameters['PolicyName'])),
    'Choose **Create policy**.',
  ];
}

function lifecycleInstructions(guide: SetupGuide, open: string): string[] {
  const prefix = findGuideValue(guide, 'prefix');
  return [
    open,
    'Choose **Create lifecycle rule** and give it a name such as:',
    plain('CausewayAbortUploads'),
    ...(prefix === undefined
      ? ['Choose **Apply to all objects in the bucket**.']
      : [
          'Choose **Limit the scope of this rule using one or more filters**. Under **Prefix** enter:',
          plain(prefix),
        ]),
    'Tick **Delete expired object delete markers or incomplete multipart uploads**, then **Delete incomplete multipart uploads**, with 7 as **Number of days**. Choose **Create rule**.',
  ];
}

/** Something to copy. */
function plain(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function block(json: string): string {
  return `\`\`\`json\n${JSON.stringify(JSON.parse(json), null, 2)}\n\`\`\``;
}
