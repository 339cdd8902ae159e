import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { createAccessKey, createUser } from '@causeway/sandbox/clients';
import { customerClients } from './customer-clients.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

let count = 0;

/** A new IAM user of an account, with one inline policy, as its administrator makes it. */
export async function createCustomerUser(
  sandboxUrl: string,
  accountId: string,
  policy: object,
): Promise<Keys> {
  const { iam } = customerClients(sandboxUrl, accountId);
  const UserName = `worker-${++count}`;
  await createUser(iam, UserName, policy);
  return createAccessKey(iam, UserName);
}

/** S3 as these keys see it. */
export function s3With(sandboxUrl: string, credentials: Keys, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: sandboxUrl,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
    ...more,
  });
}

/** Assumes a role as somebody's administrator would on the command line. */
export async function assumeAs(
  sandboxUrl: string,
  credentials: Keys,
  roleArn: string,
  externalId?: string,
): Promise<Keys> {
  const sts = new STSClient({ endpoint: sandboxUrl, region: 'us-east-1', credentials });
  try {
    const { Credentials: found } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: 'worker',
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    );
    return {
      accessKeyId: found?.AccessKeyId ?? '',
      secretAccessKey: found?.SecretAccessKey ?? '',
      sessionToken: found?.SessionToken ?? '',
    };
  } finally {
    sts.destroy();
  }
}
