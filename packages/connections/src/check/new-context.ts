import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { type PlacedConnection, randomDigits } from '@causeway/contract';
import type { CredentialSource } from '@causeway/objectstore';
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
  const clients: { destroy(): void }[] = [];
  const kept = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  const common = {
    maxAttempts: 3,
    // A check is waited for: an endpoint that is silent is one that cannot be reached.
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 },
    ...(deps.endpoint !== undefined && { endpoint: deps.endpoint }),
  };
  const context: CheckContext = {
    connection,
    deps,
    principal: access.principal(connection, deps),
    documents: expectedDocuments(connection, deps.operator, deps.browserOrigins),
    probeId: randomDigits(12),
    sts: (credentials = deps.credentials) =>
      kept(new STSClient({ ...common, region: deps.region, credentials })),
    s3: (credentials, region) => {
      const forcePathStyle = deps.endpoint !== undefined;
      return kept(new S3Client({ ...common, region, forcePathStyle, ...signing(credentials) }));
    },
    untilSpread: spreadingWait(deps.waitSeconds ?? 0, deps.signal),
  };
  return {
    context,
    close: () => {
      for (const client of clients) client.destroy();
    },
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
