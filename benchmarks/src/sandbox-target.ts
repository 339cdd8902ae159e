import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type Connection, newId, plainWriteOptions, randomDigits } from '@causeway/contract';
import { startSandbox } from '@causeway/sandbox';
import {
  accountClients,
  createAccessKey,
  createOperator,
  createRole,
  createUser,
  operatorAccount,
} from '@causeway/sandbox/clients';

const customerAccount = '222222222222';
const bucket = 'bench-data';
const everythingInS3 = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
};
const roleName = 'causeway-bench';

export interface CustomerBucket {
  readonly name: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A sandbox with one customer's bucket and role, ready to be delivered to. */
export async function benchSandbox(dataDir: string) {
  const sandbox = await startSandbox({ port: 0, dataDir });
  const externalId = `cw-${randomDigits(26)}`;
  const operator = await createOperator(sandbox.url);
  const { iam, s3 } = accountClients(sandbox.url, customerAccount);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await createRole(iam, {
    roleName,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: operatorAccount },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': externalId } },
      },
    },
    permissionsPolicy: everythingInS3,
  });
  await createUser(iam, 'peer', everythingInS3);
  const key = await createAccessKey(iam, 'peer');
  return {
    url: sandbox.url,
    operator,
    bucket: { name: bucket, endpoint: sandbox.url, ...key } satisfies CustomerBucket,
    connection: (customerId: string): Connection => ({
      id: newId('connection'),
      customerId,
      name: null,
      isDefault: true,
      owner: 'customer',
      accountConfirmed: true,
      access: 'role',
      capabilities: ['deliver'],
      overwrites: false,
      writeOptions: plainWriteOptions,
      bucket,
      prefix: '',
      region: 'us-east-1',
      accountId: customerAccount,
      externalId,
      roleName,
      roleArn: `arn:aws:iam::${customerAccount}:role/${roleName}`,
      existingRole: false,
      status: 'draft',
      lastCheck: null,
      health: {
        label: 'Setting up',
        reason: 'It was not checked yet',
        since: new Date().toISOString(),
        nextAction: null,
        nextCheckAt: null,
      },
      createdAt: new Date().toISOString(),
    }),
    close: () => sandbox.close(),
  };
}
