import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { type CredentialProvider, s3Settings } from '@causeway/objectstore';
import { awsTimeouts } from '../aws-timeouts.ts';
import type { Operator } from '../operator.ts';

/** How the operator's own account is worked on. */
export interface ManagedDeps {
  readonly operator: Operator;
  readonly credentials: CredentialProvider;
  /** Points every AWS client elsewhere, such as at the sandbox. */
  readonly endpoint?: string;
  /** Of the pages that use buckets from browsers. */
  readonly browserOrigins?: readonly string[];
  readonly now?: () => Date;
}

/** The operator's own clients, in the region of its managed buckets. */
export interface ManagedClients {
  readonly s3: S3Client;
  readonly iam: IAMClient;
}

/** Lends clients for one piece of work and closes them after it. */
export async function withClients<T>(
  { operator, credentials, endpoint }: Pick<ManagedDeps, 'operator' | 'credentials' | 'endpoint'>,
  work: (clients: ManagedClients) => Promise<T>,
): Promise<T> {
  const common = {
    region: operator.region,
    credentials,
    maxAttempts: 4,
    requestHandler: awsTimeouts,
    ...(endpoint !== undefined && { endpoint }),
  };
  const s3 = new S3Client({ ...s3Settings(), ...common, forcePathStyle: endpoint !== undefined });
  const iam = new IAMClient(common);
  try {
    return await work({ s3, iam });
  } finally {
    s3.destroy();
    iam.destroy();
  }
}
