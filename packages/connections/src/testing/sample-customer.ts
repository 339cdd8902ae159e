import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Connection, ConnectionCreate, type SetupGuide } from '@causeway/contract';
import { rootCredentials, type Sandbox } from '@causeway/sandbox';
import { createConnection, type Operator } from '../create-connection.ts';
import { setupGuide } from '../setup-guide.ts';

export const operator: Operator = {
  accountId: '111111111111',
  principalArn: 'arn:aws:iam::111111111111:user/causeway',
};
export const customerAccount = '222222222222';

/** The operator's user, which may assume roles, with its key. */
export async function createOperator(sandbox: Sandbox) {
  const iam = iamOf(sandbox, operator.accountId);
  await iam.send(new CreateUserCommand({ UserName: 'causeway' }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'causeway',
      PolicyName: 'assume',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
      }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'causeway' }));
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

let count = 0;

/** A new connection to a bucket of its own, and its guide. */
export function newConnection(): { connection: Connection; guide: SetupGuide } {
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    location: `s3://acme-data-${++count}/causeway/`,
    accountId: customerAccount,
  });
  const connection = createConnection(input, operator);
  return { connection, guide: setupGuide(connection, operator) };
}

export interface Mistakes {
  readonly trustPolicy?: object;
  readonly permissionsPolicy?: object;
  readonly withoutBucket?: boolean;
  readonly bucketOwner?: string;
}

/** Sets a connection up as the guide says, but for the mistakes. */
export async function setUp(
  sandbox: Sandbox,
  guide: SetupGuide,
  mistakes: Mistakes = {},
): Promise<void> {
  const iam = iamOf(sandbox, customerAccount);
  const [bucket = ''] = guide.location.slice('s3://'.length).split('/');
  if (!mistakes.withoutBucket) {
    const s3 = s3Of(sandbox, mistakes.bucketOwner ?? customerAccount);
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  await iam.send(
    new CreateRoleCommand({
      RoleName: guide.roleName,
      AssumeRolePolicyDocument: JSON.stringify(mistakes.trustPolicy ?? guide.trustPolicy),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: guide.roleName,
      PolicyName: 'causeway',
      PolicyDocument: JSON.stringify(mistakes.permissionsPolicy ?? guide.permissionsPolicy),
    }),
  );
}

export function iamOf(sandbox: Sandbox, accountId: string): IAMClient {
  const credentials = rootCredentials(accountId);
  return new IAMClient({ endpoint: sandbox.url, region: 'us-east-1', credentials });
}

export function s3Of(sandbox: Sandbox, accountId: string): S3Client {
  const credentials = rootCredentials(accountId);
  return new S3Client({
    endpoint: sandbox.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
  });
}
