import {
  type Capability,
  CausewayError,
  type Connection,
  type PlacedConnection,
  worstStep,
  writeOptionsOf,
} from '@causeway/contract';
import {
  assumeRoleCredentials,
  type CredentialSource,
  createS3Store,
  type EndpointRules,
  leastCapabilities,
  openS3Source,
  type RequestWatch,
  type S3Source,
  type S3Store,
  type S3StoreOptions,
  type StoreCapabilities,
  webIdentityCredentials,
} from '@causeway/objectstore';
import { removalSessionPolicy, sessionPolicy } from '@causeway/policy';
import { accessKeyCredentials, type SecretReader } from './access-keys/access-key-secret.ts';
import { isElsewhere, reachOf } from './access-keys/store-reach.ts';
import { partitionOfArn } from './partition-of-arn.ts';
import { placedRights } from './placed-rights.ts';
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
  readonly onRequest?: RequestWatch;
  /** Deletes what was replaced, and does nothing else. Default false. */
  readonly removing?: boolean;
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
  /** Which S3-compatible stores may be spoken to; none without. */
  readonly endpoints?: EndpointRules;
  /** Where access keys are read. */
  readonly secrets?: SecretReader;
}

/**
 * Opens the customer's bucket under credentials that are good for this connection
 * alone, narrowed to the given prefixes where AWS can narrow them.
 *
 * @throws CausewayError `connection_not_ready`, which names the fix, unless the last check was
 * healthy and the account is confirmed.
 */
export function openConnection(connection: Connection, scope: Scope, deps: AccessDeps): S3Store {
  return createS3Store(storeOptions(connection, scope, deps));
}

/**
 * The same for who reads what others have written there.
 *
 * @throws CausewayError `connection_not_ready`.
 */
export function openReader(connection: Connection, scope: Scope, deps: AccessDeps): S3Source {
  return openS3Source(storeOptions(connection, scope, deps));
}

function storeOptions(connection: Connection, scope: Scope, deps: AccessDeps): S3StoreOptions {
  const ready = requireReady(connection, scope.finishing ?? false);
  const { endpoint, agents } = reachOf(ready, deps);
  return {
    bucket: ready.bucket,
    region: ready.region ?? (isElsewhere(ready) ? 'us-east-1' : deps.region),
    expectedBucketOwner: ready.accountId,
    credentials: credentialsOf(ready, scope, deps),
    writeOptions: writeOptionsOf(ready),
    ...(scope.signal && { signal: scope.signal }),
    ...(scope.onRequest && { onRequest: scope.onRequest }),
    ...(endpoint !== undefined && { endpoint }),
    ...(agents && { agents, capabilities: seenCapabilities(ready) }),
  };
}

/** @throws CausewayError `connection_not_ready` until the customer has named its bucket. */
export function requirePlaced(connection: Connection): PlacedConnection {
  const { id, bucket } = connection;
  if (bucket !== null) return { ...connection, bucket };
  throw new CausewayError('connection_not_ready', {
    connectionId: id,
    status: 'bucket not named yet',
    fix: 'Say which bucket it is: on the page of a setup link, or as the "location" of the connection',
    side: 'customer',
  });
}

/** As the last check has found the store; without one, the least. */
function seenCapabilities({ lastCheck, accountId }: ReadyConnection): StoreCapabilities {
  const seen = lastCheck?.storeCapabilities ?? leastCapabilities;
  return { ...seen, expectedBucketOwner: seen.expectedBucketOwner && accountId !== null };
}

/** Stores elsewhere may have no accounts. */
type ReadyConnection = PlacedConnection;

function requireReady(connection: Connection, finishing: boolean): ReadyConnection {
  const { status, bucket, accountId, accountConfirmed } = connection;
  const isKnown = accountId !== null ? accountConfirmed : isElsewhere(connection);
  const isOpen = (status === 'active' || finishing) && isKnown;
  if (isOpen && bucket !== null) return { ...connection, bucket };
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
    cause: accountConfirmed ? worstStep(connection.lastCheck)?.cause : undefined,
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
    case 'access_key': {
      const { secrets } = deps;
      if (!secrets) throw new Error('Cannot open a connection by access_key without secrets');
      return accessKeyCredentials(connection, secrets);
    }
  }
}

/**
 * A run writes with the key of its connection and reads nothing else. One that was begun before
 * may have been so with another key, which it needs to finish; others read what they find.
 */
function rightsToWrite(connection: ReadyConnection, { capability, finishing }: Scope) {
  const { setsTags, setsAcl } = placedRights(connection);
  const { kmsKeyArn } = writeOptionsOf(connection);
  const isFixed = capability === 'deliver' && !finishing && kmsKeyArn !== null;
  return {
    ...(setsTags && { setsTags }),
    ...(setsAcl && { setsAcl }),
    ...(isFixed && { kmsKeyArn }),
  };
}

/**
 * AWS names the region of every bucket. What stands in its place and was seen not to, as Ceph's
 * gateway, knows no KMS either.
 */
function hasKms({ lastCheck }: ReadyConnection): boolean {
  return !lastCheck?.steps.some(({ cause }) => cause === 'region_unknown');
}

/** What every session of a customer's role has in common, whoever asks for it. */
function roleSession(
  connection: ReadyConnection & { readonly roleArn: string | null },
  scope: Scope,
  { region, endpoint }: AccessDeps,
) {
  const roleArn = connection.roleArn ?? '';
  const { bucket } = connection;
  const { prefixes, capability } = scope;
  const place = { bucket, prefixes, partition: partitionOfArn(roleArn) };
  return {
    roleArn,
    sessionName: scope.sessionName,
    sessionPolicy: scope.removing
      ? removalSessionPolicy(place)
      : sessionPolicy({
          ...place,
          capabilities: [capability],
          ...rightsToWrite(connection, scope),
          hasKms: hasKms(connection),
        }),
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(scope.onRequest && { onRequest: scope.onRequest }),
  };
}
