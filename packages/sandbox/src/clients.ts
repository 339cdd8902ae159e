import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { managedOperatorPolicy } from '@causeway/policy';
import { rootCredentials } from './accounts.ts';
import { clientSettings, s3ClientSettings } from './client-settings.ts';

/** AWS clients that act as the root user of an account in a sandbox. */
export interface AccountClients {
  readonly iam: IAMClient;
  readonly s3: S3Client;
}

export function accountClients(sandboxUrl: string, accountId: string): AccountClients {
  const config = {
    endpoint: sandboxUrl,
    region: 'us-east-1',
    credentials: rootCredentials(accountId),
  };
  return {
    iam: new IAMClient({ ...clientSettings, maxAttempts: 3, ...config }),
    s3: new S3Client({ ...s3ClientSettings, maxAttempts: 3, ...config, forcePathStyle: true }),
  };
}

export interface RoleDocuments {
  readonly roleName: string;
  readonly trustPolicy: object;
  readonly permissionsPolicy: object;
}

/** Creates a role with one inline policy, as a customer's administrator does. */
export async function createRole(iam: IAMClient, role: RoleDocuments): Promise<void> {
  await iam.send(
    new CreateRoleCommand({
      RoleName: role.roleName,
      AssumeRolePolicyDocument: JSON.stringify(role.trustPolicy),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: role.roleName,
      PolicyName: 'causeway',
      PolicyDocument: JSON.stringify(role.permissionsPolicy),
    }),
  );
}

/** Creates a user with one inline policy, as a customer's administrator does. */
export async function createUser(
  iam: IAMClient,
  UserName: string,
  permissionsPolicy: object,
): Promise<void> {
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify(permissionsPolicy);
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'causeway', PolicyDocument }));
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Makes another access key of a user, as AWS shows it once. */
export async function createAccessKey(iam: IAMClient, UserName: string): Promise<AccessKey> {
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
}

/** Registers an OpenID Connect issuer in an account, as a customer's administrator does. */
export async function registerIssuer(
  iam: IAMClient,
  url: string,
  audiences: readonly string[],
): Promise<void> {
  const provider = { Url: url, ClientIDList: [...audiences] };
  await iam.send(new CreateOpenIDConnectProviderCommand(provider));
}

/** Lets an issuer that is registered in the account sign for another audience too. */
export async function addAudience(iam: IAMClient, url: string, audience: string): Promise<void> {
  const { OpenIDConnectProviderList = [] } = await iam.send(
    new ListOpenIDConnectProvidersCommand({}),
  );
  const name = url.replace(/^https?:\/\//, '');
  const provider = OpenIDConnectProviderList.find(({ Arn }) => Arn?.endsWith(`/${name}`));
  const named = { OpenIDConnectProviderArn: provider?.Arn, ClientID: audience };
  await iam.send(new AddClientIDToOpenIDConnectProviderCommand(named));
}

/** Replaces the trust policy of a role. */
export async function replaceTrustPolicy(
  iam: IAMClient,
  roleName: string,
  trustPolicy: object,
): Promise<void> {
  const PolicyDocument = JSON.stringify(trustPolicy);
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: roleName, PolicyDocument }));
}

/** The operator's account among the sandbox's own, and the user that Causeway runs as. */
export const operatorAccount = '111111111111';
const operatorUser = 'causeway';
export const operatorArn = `arn:aws:iam::${operatorAccount}:user/${operatorUser}`;

/**
 * Creates the operator's AWS user, as a company would: it may assume customers' roles and
 * keep managed buckets, and nothing else. A root user could assume no role. A user that
 * is there already gets another key.
 */
export async function createOperator(sandboxUrl: string): Promise<AccessKey> {
  const { iam } = accountClients(sandboxUrl, operatorAccount);
  try {
    await iam
      .send(new CreateUserCommand({ UserName: operatorUser }))
      .catch(unless('EntityAlreadyExistsException'));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: operatorUser,
        PolicyName: 'assume-customer-roles',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Sid: 'AssumeCustomerRoles',
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            // Customers may have roles already, by names of their own.
            Resource: 'arn:aws:iam::*:role/*',
          },
        }),
      }),
    );
    await iam.send(
      new PutUserPolicyCommand({
        UserName: operatorUser,
        PolicyName: 'keep-managed-buckets',
        PolicyDocument: JSON.stringify(
          managedOperatorPolicy({ operatorAccountId: operatorAccount }),
        ),
      }),
    );
    return await createAccessKey(iam, operatorUser);
  } finally {
    iam.destroy();
  }
}

/** Swallows AWS errors of these names. */
export function unless(...names: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error) || !names.includes(error.name)) throw error;
  };
}
