import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { type Fault, startSandbox } from '@causeway/sandbox';
import { assumeRoleCredentials } from '../assume-role-credentials.ts';
import { createS3Store, type S3Store, type S3StoreOptions } from '../create-s3-store.ts';
import type { AwsCredentials } from '../credentials.ts';

const operator = '111111111111';
const customer = '222222222222';
const bucket = 'acme-data';
const roleName = 'causeway-test';
const externalId = 'cw-test-external-id';
const region = 'us-east-1';

export interface SandboxBucket {
  /** Opens the customer's bucket through the customer's role, as the operator. */
  open(options?: Partial<S3StoreOptions>, sessionPolicy?: object): S3Store;
  /** Makes requests fail; see the sandbox. */
  fault(fault: Fault): Promise<void>;
  /** Ends all faults and gives the operations that arrived since the last call. */
  operations(): Promise<string[]>;
  /** Uploads that are neither completed nor aborted. */
  openUploads(): Promise<number>;
  close(): Promise<void>;
}

/** A sandbox with one customer's bucket, and a role that lets the operator in. */
export async function openSandboxBucket(): Promise<SandboxBucket> {
  const sandbox = await startSandbox({ port: 0 });
  const root = (accountId: string) => ({
    accessKeyId: `AKIASANDBOX${accountId.slice(0, 9)}`,
    secretAccessKey: `sandbox-secret-${accountId}`,
  });
  const owner = { endpoint: sandbox.url, region, credentials: root(customer) };
  const s3 = new S3Client({ ...owner, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await createRole(new IAMClient(owner));
  const assumer = await createAssumer(new IAMClient({ ...owner, credentials: root(operator) }));
  const control = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.url}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const stores: S3Store[] = [];
  let seen = 0;
  return {
    open(options, sessionPolicy) {
      const credentials = assumeRoleCredentials({
        roleArn: `arn:aws:iam::${customer}:role/${roleName}`,
        externalId,
        sessionName: 'objectstore-test',
        region,
        endpoint: sandbox.url,
        sourceCredentials: assumer,
        ...(sessionPolicy && { sessionPolicy }),
      });
      const store = createS3Store({
        bucket,
        region,
        endpoint: sandbox.url,
        expectedBucketOwner: customer,
        credentials,
        retryBudgetMs: 5_000,
        ...options,
      });
      stores.push(store);
      return store;
    },
    async fault(fault) {
      const answer = await control('POST', 'faults', fault);
      if (!answer.ok) throw new Error(`Cannot add the fault: ${await answer.text()}`);
    },
    async operations() {
      await control('DELETE', 'faults');
      const answer = await control('GET', 'requests?last=1000');
      const { requests } = (await answer.json()) as { requests: { operation: string }[] };
      const fresh = requests.slice(seen).map(({ operation }) => operation);
      seen = requests.length;
      return fresh;
    },
    async openUploads() {
      const listed = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return listed.Uploads?.length ?? 0;
    },
    async close() {
      for (const store of stores) store.close();
      s3.destroy();
      await sandbox.close();
    },
  };
}

function allow(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
}

async function createRole(iam: IAMClient): Promise<void> {
  await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: allow({
        Principal: { AWS: `arn:aws:iam::${operator}:root` },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': externalId } },
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: 'bucket',
      PolicyDocument: allow({
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      }),
    }),
  );
  iam.destroy();
}

/** A user of the operator, since root may not assume a role. */
async function createAssumer(iam: IAMClient): Promise<AwsCredentials> {
  const UserName = 'causeway-assumer';
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: 'assume',
      PolicyDocument: allow({ Action: 'sts:AssumeRole', Resource: '*' }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}
