import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type ConnectionBy, ConnectionCreate, type SetupGuide } from '@causeway/contract';
import type { Sandbox } from '@causeway/sandbox';
import {
  accountClients,
  createRole,
  operatorAccount,
  operatorArn,
} from '@causeway/sandbox/clients';
import { createConnection, type Issuer, type Operator } from '../create-connection.ts';
import { setupGuide } from '../setup-guide.ts';

export const operator: Operator = {
  accountId: operatorAccount,
  principalArn: operatorArn,
  region: 'us-east-1',
};
export const issuer: Issuer = {
  url: 'https://causeway.example.com',
  audience: 'sts.amazonaws.com',
};

/** A connection by a role of which everything is known. */
export type CompleteRole = ConnectionBy<'role'> & {
  readonly bucket: string;
  readonly accountId: string;
  readonly roleArn: string;
};
export const customerAccount = '222222222222';

let count = 0;

/** A new connection to a bucket of its own, and its guide. */
export function newConnection(): { connection: CompleteRole; guide: SetupGuide } {
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    location: `s3://acme-data-${++count}/causeway/`,
    accountId: customerAccount,
  });
  const connection = createConnection(input, { operator, issuer }) as CompleteRole;
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
  const [bucket = ''] = guide.location.slice('s3://'.length).split('/');
  if (!mistakes.withoutBucket) {
    const owner = accountClients(sandbox.url, mistakes.bucketOwner ?? customerAccount);
    await owner.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  const { iam } = accountClients(sandbox.url, customerAccount);
  await createRole(iam, { ...guide, ...mistakes });
}
