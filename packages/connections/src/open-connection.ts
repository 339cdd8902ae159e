import {
  type Capability,
  CausewayError,
  type Connection,
  type PlacedConnection,
} from '@causeway/contract';
import {
  assumeRoleCredentials,
  type CredentialSource,
  createS3Store,
  type S3Store,
  webIdentityCredentials,
} from '@causeway/objectstore';
import { sessionPolicy } from '@causeway/policy';
import type { IdentityTokens } from './web-identity/identity-tokens.ts';

/** What the credentials are narrowed to, whatever the customer's role would allow. */
export interface Scope {
  /** Key prefixes, each ending in `/`. */
  readonly prefixes: readonly string[];
  /** What is to be done there. */
  readonly capability: Capability;
  /** Readable in the customer's CloudTrail; 2 to 64 of `[\w+=,.@-]`. */
  readonly sessionName: string;
  /**
   * Finishes what was begun while the connection was active, whatever became of it since.
   * Default false.
   */
  readonly finishing?: boolean;
  /** Ends every call. */
  readonly signal?: AbortSignal;
}

/** How connections are reached, whatever their access. */
export interface AccessDeps {
  /** The operator's own credentials, which assume roles. */
  readonly credentials: CredentialSource;
  /** What connections by `web_identity` show to STS. */
  readonly identityTokens?: IdentityTokens;
  readonly region: string;
  /** Points every AWS client elsewhere. */
  readonly endpoint?: string;
}

/**
 * Opens the customer's bucket under credentials that are good for this connection
 * alone, narrowed to the given prefixes where AWS can narrow them.
 *
 * @throws CausewayError `connection_not_ready`, which names the fix, unless the last check was
 * healthy and the account is confirmed.
 */
export function openConnection(connection: Connection, scope: Scope, deps: AccessDeps): S3Store {
  const ready = requireReady(connection, scope.finishing ?? false);
  const { endpoint } = deps;
  return createS3Store({
    bucket: ready.bucket,
    region: ready.region ?? deps.region,
    expectedBucketOwner: ready.accountId,
    credentials: credentialsOf(ready, scope, deps),
    ...(scope.signal && { signal: scope.signal }),
    ...(endpoint !== undefined && { endpoint }),
  });
}

/** @throws CausewayError `connection_not_ready` until the customer has named its bucket. */
export function requirePlaced(connection: Connection): PlacedConnection {
  const { id, bucket } = connection;
  if (bucket !== null) return { ...connection, bucket };
  throw new CausewayError('connection_not_ready', {
    connectionId: id,
    status: 'bucket not named yet',
  });
}

type ReadyConnection = PlacedConnection & { readonly accountId: string };

function requireReady(connection: Connection, finishing: boolean): ReadyConnection {
  const { status, bucket, accountId, accountConfirmed } = connection;
  const isOpen = (status === 'active' || finishing) && accountConfirmed;
  if (isOpen && bucket !== null && accountId !== null) return { ...connection, bucket, accountId };
  throw notReady(connection);
}

/** Says why a connection is not used, whose turn it is and what that one does. */
export function notReady(connection: Connection): CausewayError<'connection_not_ready'> {
  const { id, status, accountConfirmed, health } = connection;
  return new CausewayError('connection_not_ready', {
    connectionId: id,
    status: accountConfirmed ? status : 'account not confirmed',
    fix: health.nextAction?.text,
    side: accountConfirmed && customersTurn.has(status) ? 'customer' : 'operator',
  });
}

const customersTurn: ReadonlySet<Connection['status']> = new Set([
  'draft',
  'needs_customer',
  'insecure',
  'revoked',
]);

function credentialsOf(
  connection: ReadyConnection,
  scope: Scope,
  deps: AccessDeps,
): CredentialSource {
  switch (connection.access) {
    case 'role':
      return assumeRoleCredentials({
        ...roleSession(connection, scope, deps),
        externalId: connection.externalId,
        sourceCredentials: deps.credentials,
      });
    case 'web_identity': {
      const { identityTokens } = deps;
      if (!identityTokens)
        throw new Error('Cannot open a connection by web_identity without tokens');
      return webIdentityCredentials({
        ...roleSession(connection, scope, deps),
        token: () => identityTokens.tokenFor(connection),
      });
    }
    // The bucket is the operator's own.
    case 'bucket_policy':
    case 'operator_role':
      return deps.credentials;
    case 'access_key':
      throw new Error(`Cannot open a connection by ${connection.access} yet`);
  }
}

/** What every session of a customer's role has in common, whoever asks for it. */
function roleSession(
  connection: ReadyConnection & { readonly roleArn: string | null },
  scope: Scope,
  { region, endpoint }: AccessDeps,
) {
  const roleArn = connection.roleArn ?? '';
  return {
    roleArn,
    sessionName: scope.sessionName,
    sessionPolicy: sessionPolicy({
      bucket: connection.bucket,
      prefixes: [...scope.prefixes],
      capabilities: [scope.capability],
      partition: roleArn.split(':')[1] ?? 'aws',
    }),
    region,
    ...(endpoint !== undefined && { endpoint }),
  };
}
