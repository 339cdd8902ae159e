import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { type PlacedConnection, randomDigits } from '@causeway/contract';
import { type CredentialSource, s3Settings, stsSettings } from '@causeway/objectstore';
import { reachOf } from '../access-keys/store-reach.ts';
import { type AwsTimeouts, awsTimeouts } from '../aws-timeouts.ts';
import type { AccessSteps, CheckContext } from './check-context.ts';
import type { CheckDeps } from './check-deps.ts';
import { expectedDocuments } from './expected-documents.ts';
import { spreadingWait } from './until-spread.ts';

/** What the steps of one check share, and how its connections are closed. */
export function newContext(
  connection: PlacedConnection,
  access: AccessSteps,
  deps: CheckDeps,
): { readonly context: CheckContext; readonly close: () => void } {
  const stsClients = new Map<CredentialSource, STSClient>();
  const s3Clients = new Map<CredentialSource | undefined, Map<string, S3Client>>();
  const { timeouts = awsTimeouts } = deps;
  const common = {
    maxAttempts: 3,
    requestHandler: timeouts,
    ...(deps.endpoint !== undefined && { endpoint: deps.endpoint }),
  };
  const place = placeOf(connection, deps, timeouts);
  const context: CheckContext = {
    connection,
    deps,
    principal: access.principal(connection, deps),
    documents: expectedDocuments(connection, deps.operator, deps.browserOrigins),
    probeId: randomDigits(12),
    sts: (credentials = deps.credentials) =>
      oneFor(
        stsClients,
        credentials,
        () => new STSClient({ ...stsSettings(), ...common, region: deps.region, credentials }),
      ),
    s3: (credentials, region) => {
      const byRegion = oneFor(s3Clients, credentials, () => new Map<string, S3Client>());
      return oneFor(
        byRegion,
        region,
        () =>
          new S3Client({ ...s3Settings(), ...common, ...place, region, ...signing(credentials) }),
      );
    },
    untilSpread: spreadingWait(deps.waitSeconds ?? 0, deps.signal),
  };
  return {
    context,
    close: () => {
      const s3 = [...s3Clients.values()].flatMap((byRegion) => [...byRegion.values()]);
      for (const client of [...stsClients.values(), ...s3]) client.destroy();
    },
  };
}

/** A client keeps its connections, so that only the first call of each kind has to make one. */
function oneFor<K, V>(made: Map<K, V>, key: K, make: () => V): V {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}

/** Where buckets are; a store of the customer's choice is reached by guarded connections alone. */
function placeOf(
  connection: PlacedConnection,
  deps: CheckDeps,
  timeouts: AwsTimeouts,
): Partial<S3ClientConfig> {
  const { endpoint, agents } = reachOf(connection, deps);
  return {
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // Older stores stumble over checksums that they were not asked about.
    ...(agents && {
      requestChecksumCalculation: 'WHEN_REQUIRED' as const,
      requestHandler: { ...timeouts, ...agents },
    }),
  };
}

/** S3 answers some questions to everybody; for these the request stays unsigned. */
function signing(
  credentials: CredentialSource | undefined,
): Pick<S3ClientConfig, 'credentials' | 'signer'> {
  if (credentials) return { credentials };
  return {
    credentials: { accessKeyId: 'unsigned', secretAccessKey: 'unsigned' },
    signer: { sign: async (request) => request },
  };
}
