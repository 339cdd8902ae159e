import { CausewayError, type Connection } from '@causeway/contract';
import {
  assumeRoleCredentials,
  type CredentialSource,
  createS3Store,
  type S3Store,
} from '@causeway/objectstore';
import { sessionPolicy } from '@causeway/policy';

/** The part of a connection that is needed to go through it. */
export type OpenableConnection = Pick<
  Connection,
  'id' | 'status' | 'bucket' | 'region' | 'accountId' | 'roleArn' | 'externalId'
>;

/** What the credentials are narrowed to, whatever the customer's role would allow. */
export interface Scope {
  /** Key prefixes, each ending in `/`. */
  readonly prefixes: readonly string[];
  /** Readable in the customer's CloudTrail; 2 to 64 of `[\w+=,.@-]`. */
  readonly sessionName: string;
  /** Ends every call. */
  readonly signal?: AbortSignal;
}

export interface OpenDeps {
  /** The operator's own credentials, which assume the customers' roles. */
  readonly credentials: CredentialSource;
  readonly region: string;
  readonly endpoint?: string;
}

/**
 * Opens the customer's bucket under the customer's own credentials, narrowed by a
 * session policy to the given prefixes.
 *
 * @throws CausewayError `connection_not_ready` unless the last check was healthy.
 */
export function openConnection(
  connection: OpenableConnection,
  scope: Scope,
  deps: OpenDeps,
): S3Store {
  if (connection.status !== 'active') {
    throw new CausewayError('connection_not_ready', {
      connectionId: connection.id,
      status: connection.status,
    });
  }
  const region = connection.region ?? deps.region;
  const endpoint = deps.endpoint === undefined ? {} : { endpoint: deps.endpoint };
  const credentials = assumeRoleCredentials({
    roleArn: connection.roleArn,
    externalId: connection.externalId,
    sessionName: scope.sessionName,
    sessionPolicy: sessionPolicy({
      bucket: connection.bucket,
      prefixes: [...scope.prefixes],
      capabilities: ['deliver'],
      partition: connection.roleArn.split(':')[1] ?? 'aws',
    }),
    region: deps.region,
    sourceCredentials: deps.credentials,
    ...endpoint,
  });
  return createS3Store({
    bucket: connection.bucket,
    region,
    expectedBucketOwner: connection.accountId,
    credentials,
    ...(scope.signal && { signal: scope.signal }),
    ...endpoint,
  });
}
