import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  type ConnectionBy,
  ConnectionCreate,
  guideDocument,
  guideValue,
  type SetupGuide,
} from '@causeway/contract';
import type { Sandbox } from '@causeway/sandbox';
import {
  accountClients,
  createRole,
  operatorAccount,
  operatorArn,
} from '@causeway/sandbox/clients';
import { createConnection } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { setupGuide } from '../setup/setup-guide.ts';
import type { Issuer } from '../web-identity/token-claims.ts';

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

/** What tests take from the guide of a role. */
export interface RoleGuide {
  readonly bucket: string;
  readonly roleName: string;
  readonly externalId: string;
  readonly trustPolicy: object;
  readonly permissionsPolicy: object;
}

/** A new connection to a bucket of its own, and its guide. */
export function newConnection(): { connection: CompleteRole; guide: RoleGuide } {
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    location: `s3://acme-data-${++count}/causeway/`,
    accountId: customerAccount,
  });
  const connection = createConnection(input, { operator, issuer }) as CompleteRole;
  return { connection, guide: roleGuide(setupGuide(connection, operator)) };
}

function roleGuide(guide: SetupGuide): RoleGuide {
  return {
    bucket: guideValue(guide, 'bucket'),
    roleName: guideValue(guide, 'roleName'),
    externalId: guideValue(guide, 'externalId'),
    trustPolicy: guideDocument(guide, 'trustPolicy'),
    permissionsPolicy: guideDocument(guide, 'permissionsPolicy'),
  };
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
  guide: RoleGuide,
  mistakes: Mistakes = {},
): Promise<void> {
  if (!mistakes.withoutBucket) {
    const owner = accountClients(sandbox.url, mistakes.bucketOwner ?? customerAccount);
    await owner.s3.send(new CreateBucketCommand({ Bucket: guide.bucket }));
  }
  const { iam } = accountClients(sandbox.url, customerAccount);
  await createRole(iam, { ...guide, ...mistakes });
}
