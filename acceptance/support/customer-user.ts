import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { rootIam } from './customer.ts';

/** What a user or a session signs with. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Policy {
  readonly name: string;
  readonly document: object;
}

/** How any client of the AWS SDK reaches the sandbox. */
function sandboxConfig(endpoint: string, credentials: Keys) {
  // The SDK writes into what it is given.
  return { endpoint, region: 'us-east-1', credentials: { ...credentials } };
}

export function s3As(endpoint: string, credentials: Keys): S3Client {
  return new S3Client({ ...sandboxConfig(endpoint, credentials), forcePathStyle: true });
}

/** Makes a user of an account, who may do nothing but what the inline policy allows. */
export async function newUser(
  endpoint: string,
  account: string,
  UserName: string,
  policy?: Policy,
): Promise<Keys> {
  const iam = rootIam(endpoint, account);
  await iam.send(new CreateUserCommand({ UserName }));
  if (policy) {
    const PolicyDocument = JSON.stringify(policy.document);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: policy.name, PolicyDocument }));
  }
  return newKey(endpoint, account, UserName);
}

/** An access key of a user, or another one, as AWS shows it once. */
export async function newKey(endpoint: string, account: string, UserName: string): Promise<Keys> {
  const { AccessKey } = await rootIam(endpoint, account).send(
    new CreateAccessKeyCommand({ UserName }),
  );
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

/** The keys of a session of a role. */
export async function assumeRole(
  endpoint: string,
  credentials: Keys,
  RoleArn: string,
  ExternalId?: string,
): Promise<Keys> {
  const sts = new STSClient(sandboxConfig(endpoint, credentials));
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn,
      RoleSessionName: 'customer',
      ...(ExternalId !== undefined && { ExternalId }),
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}
