import type { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';

/** What the administrator of a customer's account works with. */
export interface CustomerClients {
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly kms: KMSClient;
}

const made = new Map<string, CustomerClients>();

/** The clients of an account in a sandbox, made once. */
export function customerClients(sandboxUrl: string, accountId: string): CustomerClients {
  const name = `${sandboxUrl} ${accountId}`;
  const clients = made.get(name) ?? {
    ...accountClients(sandboxUrl, accountId),
    kms: new KMSClient({
      endpoint: sandboxUrl,
      region: 'us-east-1',
      credentials: rootCredentials(accountId),
    }),
  };
  made.set(name, clients);
  return clients;
}
