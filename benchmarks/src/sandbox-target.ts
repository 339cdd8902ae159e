import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Connection, newId, randomDigits } from '@causeway/contract';
import { rootCredentials, startSandbox } from '@causeway/sandbox';

const operatorAccount = '111111111111';
const customerAccount = '222222222222';
const bucket = 'bench-data';
const roleName = 'causeway-bench';
const externalId = `cw-${randomDigits(26)}`;

/** A sandbox with one customer's bucket and role, ready to be delivered to. */
export async function benchSandbox(dataDir: string) {
  const sandbox = await startSandbox({ port: 0, dataDir });
  const config = { endpoint: sandbox.url, region: 'us-east-1' };
  const operatorIam = new IAMClient({ ...config, credentials: rootCredentials(operatorAccount) });
  const allow = (action: string, resource: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: action, Resource: resource },
    });
  await operatorIam.send(new CreateUserCommand({ UserName: 'causeway' }));
  await operatorIam.send(
    new PutUserPolicyCommand({
      UserName: 'causeway',
      PolicyName: 'assume',
      PolicyDocument: allow('sts:AssumeRole', '*'),
    }),
  );
  const { AccessKey } = await operatorIam.send(
    new CreateAccessKeyCommand({ UserName: 'causeway' }),
  );
  const credentials = rootCredentials(customerAccount);
  await new S3Client({ ...config, forcePathStyle: true, credentials }).send(
    new CreateBucketCommand({ Bucket: bucket }),
  );
  const iam = new IAMClient({ ...config, credentials });
  await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: operatorAccount },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: 'causeway',
      PolicyDocument: allow('s3:*', '*'),
    }),
  );
  return {
    url: sandbox.url,
    operator: {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    },
    connection: (customerId: string): Connection => ({
      id: newId('connection'),
      customerId,
      access: 'role',
      capabilities: ['deliver'],
      bucket,
      prefix: '',
      region: 'us-east-1',
      accountId: customerAccount,
      externalId,
      roleName,
      roleArn: `arn:aws:iam::${customerAccount}:role/${roleName}`,
      status: 'draft',
      lastCheck: null,
      createdAt: new Date().toISOString(),
    }),
    close: () => sandbox.close(),
  };
}
