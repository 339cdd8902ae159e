import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type Connection, ConnectionCreate, type SetupGuide } from '@causeway/contract';
import type { Sandbox } from '@causeway/sandbox';
import {
  accountClients,
  createRole,
  operatorAccount,
  operatorArn,
} from '@causeway/sandbox/clients';
import { createConnection, type Operator } from '../create-connection.ts';
import { setupGuide } from '../setup-guide.ts';

export const operator: Operator = { accountId: operatorAccount, principalArn: operatorArn };
export const customerAccount = '222222222222';

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
  const [bucket = ''] = guide.location.slice('s3://'.length).split('/');
  if (!mistakes.withoutBucket) {
    const owner = accountClients(sandbox.url, mistakes.bucketOwner ?? customerAccount);
    await owner.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
  const { iam } = accountClients(sandbox.url, customerAccount);
  await createRole(iam, { ...guide, ...mistakes });
}
