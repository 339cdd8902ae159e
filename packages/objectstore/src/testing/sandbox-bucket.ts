import type { IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { type Fault, startSandbox } from '@causeway/sandbox';
import {
  accountClients,
  createOperator,
  createRole,
  operatorAccount,
} from '@causeway/sandbox/clients';
import { assumeRoleCredentials } from '../assume-role-credentials.ts';
import { createS3Store, type S3Store } from '../create-s3-store.ts';
import type { S3StoreOptions } from '../s3-store-options.ts';

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
  const { iam, s3 } = accountClients(sandbox.url, customer);
  // Trust policies name principals that exist: first the operator, then the role.
  const operator = await createOperator(sandbox.url);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await allowTheOperator(iam);
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
        sourceCredentials: operator,
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
      iam.destroy();
      await sandbox.close();
    },
  };
}

/** Every call on the one bucket, by the operator who knows the external ID. */
function allowTheOperator(iam: IAMClient): Promise<void> {
  const allow = (statement: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', ...statement }],
  });
  return createRole(iam, {
    roleName,
    trustPolicy: allow({
      Principal: { AWS: `arn:aws:iam::${operatorAccount}:root` },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    }),
    permissionsPolicy: allow({
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    }),
  });
}
