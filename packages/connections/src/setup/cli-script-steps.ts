import type { SetupGuide, SetupStep } from '@causeway/contract';
import { titleOf } from './step-title.ts';

/** One step as bash: makes what is missing, corrects what is there. */
export function stepCommands(guide: SetupGuide, step: SetupStep): string[] {
  const lines = commandsOf(guide, step);
  const title = `say ${shellQuote(titleOf(step))}`;
  const setting = step.optional && settings[step.operation];
  if (!setting) return [title, ...lines];
  return [
    `if [ "\${${setting}:-no}" = yes ]; then`,
    ...[title, ...lines].map((line) => `  ${line}`),
    'fi',
  ];
}

/** The variables that ask for optional steps. */
const settings: Partial<Record<SetupStep['operation'], string>> = {
  PutBucketPolicy: 'WITH_BUCKET_POLICY',
  PutBucketLifecycleConfiguration: 'WITH_LIFECYCLE',
};

/** As one word of bash, whatever is in it. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function commandsOf(guide: SetupGuide, step: SetupStep): string[] {
  const word = (name: string) => shellQuote(String(step.parameters[name]));
  switch (step.operation) {
    case 'CreateBucket':
      return createBucket(word('Bucket'), ownerFlag(guide));
    case 'CreateOpenIDConnectProvider':
      return registerIssuer(guide, step);
    case 'CreateRole':
      return createRole(step);
    case 'PutRolePolicy':
      return [
        `aws iam put-role-policy --role-name ${word('RoleName')} --policy-name ${word('PolicyName')} --policy-document ${word('PolicyDocument')}`,
      ];
    case 'CreateUser':
      return createUser(word('UserName'));
    case 'PutUserPolicy':
      return step.choose ? grantChosen(step) : putUserPolicy(step);
    case 'PutBucketPolicy':
      return mergeInto(
        {
          get: `aws s3api get-bucket-policy --bucket ${word('Bucket')}${ownerFlag(guide)} --query Policy --output text`,
          absent: 'NoSuchBucketPolicy',
          list: 'Statement',
          name: 'Sid',
          put: `aws s3api put-bucket-policy --bucket ${word('Bucket')}${ownerFlag(guide)} --policy "$new"`,
        },
        word('Policy'),
      );
    case 'PutBucketCors':
      return mergeInto(
        {
          get: `aws s3api get-bucket-cors --bucket ${word('Bucket')}${ownerFlag(guide)} --output json`,
          absent: 'NoSuchCORSConfiguration',
          list: 'CORSRules',
          name: 'ID',
          put: `aws s3api put-bucket-cors --bucket ${word('Bucket')}${ownerFlag(guide)} --cors-configuration "$new"`,
        },
        word('CORSConfiguration'),
      );
    case 'PutBucketLifecycleConfiguration':
      return mergeInto(
        {
          get: `aws s3api get-bucket-lifecycle-configuration --bucket ${word('Bucket')}${ownerFlag(guide)} --query '{Rules: Rules}' --output json`,
          absent: 'NoSuchLifecycleConfiguration',
          list: 'Rules',
          name: 'ID',
          put: `aws s3api put-bucket-lifecycle-configuration --bucket ${word('Bucket')}${ownerFlag(guide)} --lifecycle-configuration "$new"`,
        },
        word('LifecycleConfiguration'),
      );
    // Its secret belongs on no screen that is not asked for it: the script ends by saying how.
    case 'CreateAccessKey':
      return ["say '  see below'"];
  }
}

/** Stores elsewhere know of no accounts. */
function ownerFlag({ accountId }: SetupGuide): string {
  return accountId === null ? '' : ' --expected-bucket-owner "$account"';
}

function createBucket(bucket: string, owner: string): string[] {
  return [
    `if unless 404 aws s3api head-bucket --bucket ${bucket}${owner}; then`,
    "  say '  it is there'",
    'else',
    `  region=\${AWS_REGION:-\${AWS_DEFAULT_REGION:-us-east-1}}`,
    '  if [ "$region" = us-east-1 ]; then',
    `    aws s3api create-bucket --bucket ${bucket} >/dev/null`,
    '  else',
    `    aws s3api create-bucket --bucket ${bucket} --create-bucket-configuration "LocationConstraint=$region" >/dev/null`,
    '  fi',
    'fi',
  ];
}

/**
 * Older releases of the command demand a thumbprint, which AWS does not look at where
 * the certificate of the issuer is of a well-known authority.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
function registerIssuer({ partition }: SetupGuide, { parameters }: SetupStep): string[] {
  const url = String(parameters['Url']);
  const [audience = ''] = parameters['ClientIDList'] as string[];
  const path = url.replace(/^https?:\/\//, '');
  const create = `aws iam create-open-id-connect-provider --url ${shellQuote(url)} --client-id-list ${shellQuote(audience)}`;
  return [
    'register() {',
    `  if ${create} 2>"$work/usage"; then return 0; fi`,
    '  if grep -q -- --thumbprint-list "$work/usage"; then',
    `    ${create} --thumbprint-list ${'f'.repeat(40)}`,
    '  else',
    '    cat "$work/usage" >&2',
    '    return 1',
    '  fi',
    '}',
    `provider="arn:${partition}:iam::$account:oidc-provider/"${shellQuote(path)}`,
    `unless EntityAlreadyExists register || aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$provider" --client-id ${shellQuote(audience)}`,
  ];
}

function createRole({ parameters, merge }: SetupStep): string[] {
  const word = (name: string) => shellQuote(String(parameters[name]));
  const role = `--role-name ${word('RoleName')}`;
  if (merge === 'trustPolicy') return addToTrust(role, word('AssumeRolePolicyDocument'));
  const path = parameters['Path'] === undefined ? '' : ` --path ${word('Path')}`;
  return [
    `trust=${word('AssumeRolePolicyDocument')}`,
    `if ! unless EntityAlreadyExists aws iam create-role ${role}${path} --description ${word('Description')} --assume-role-policy-document "$trust"; then`,
    `  aws iam update-assume-role-policy ${role} --policy-document "$trust"`,
    'fi',
    ...boundary(`aws iam put-role-permissions-boundary ${role}`),
  ];
}

/** Without the role there is nothing to add to, and somebody is to look where it is gone. */
function addToTrust(role: string, ours: string): string[] {
  return mergeInto(
    {
      get: `aws iam get-role ${role} --query Role.AssumeRolePolicyDocument --output json`,
      // Every role has one, so this is never answered.
      absent: 'NoTrustPolicy',
      list: 'Statement',
      name: 'Sid',
      put: `aws iam update-assume-role-policy ${role} --policy-document "$new"`,
    },
    ours,
  );
}

function createUser(name: string): string[] {
  return [
    `unless EntityAlreadyExists aws iam create-user --user-name ${name} || say '  it is there'`,
    ...boundary(`aws iam put-user-permissions-boundary --user-name ${name}`),
  ];
}

function boundary(command: string): string[] {
  return [
    `if [ -n "\${PERMISSIONS_BOUNDARY:-}" ]; then`,
    `  ${command} --permissions-boundary "$PERMISSIONS_BOUNDARY"`,
    'fi',
  ];
}

function putUserPolicy({ parameters }: SetupStep): string[] {
  const word = (name: string) => shellQuote(String(parameters[name]));
  return [
    `aws iam put-user-policy --user-name ${word('UserName')} --policy-name ${word('PolicyName')} --policy-document ${word('PolicyDocument')}`,
  ];
}

/** For whom the customer chooses. */
function grantChosen({ parameters }: SetupStep): string[] {
  const policy = `--policy-name ${shellQuote(String(parameters['PolicyName']))} --policy-document "$policy"`;
  return [
    `policy=${shellQuote(String(parameters['PolicyDocument']))}`,
    `if [ -n "\${TO_USER:-}" ]; then`,
    `  aws iam put-user-policy --user-name "$TO_USER" ${policy}`,
    `elif [ -n "\${TO_GROUP:-}" ]; then`,
    `  aws iam put-group-policy --group-name "$TO_GROUP" ${policy}`,
    `elif [ -n "\${TO_ROLE:-}" ]; then`,
    `  aws iam put-role-policy --role-name "$TO_ROLE" ${policy}`,
    'else',
    '  fail "say who is to use the bucket: TO_USER=<name>, TO_GROUP=<name> or TO_ROLE=<name>"',
    'fi',
  ];
}

interface MergeTarget {
  readonly get: string;
  /** AWS's code when there is no such document. */
  readonly absent: string;
  readonly list: string;
  readonly name: string;
  readonly put: string;
}

/** AWS replaces such a document as a whole, so what is there is read and put back with ours in it. */
function mergeInto({ get, absent, list, name, put }: MergeTarget, ours: string): string[] {
  return [
    `ours=${ours}`,
    'new=$ours',
    'change=yes',
    `if unless ${absent} ${get}; then`,
    '  old=$ANSWER',
    `  new=$(merge ${list} ${name} "$old" "$ours")`,
    '  if same "$old" "$new"; then change=no; fi',
    'fi',
    `if [ "$change" = yes ]; then patiently ${put}; else say '  it says so already'; fi`,
  ];
}
