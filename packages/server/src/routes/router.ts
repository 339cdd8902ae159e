import type { ConnectionCreate, Operations } from '@causeway/contract';
import type { Records } from '@causeway/store';
import type { Router } from '@orpc/server';
import { checkAccessOf } from '../check-access.ts';
import type { Configuration } from '../configuration.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Platform } from '../platform.ts';
import { lookForReceiptsOfRun } from '../receipts/look-for-receipts.ts';
import { sourcesOf } from '../sources/sources.ts';
import { webhookAddresses } from '../webhooks/webhook-addresses.ts';
import { accessKeyRoutes } from './access-keys.ts';
import { connectRoutes } from './connect.ts';
import { connectionRoutes, newConnection } from './connections.ts';
import { customerRoutes } from './customers.ts';
import { datasetRoutes } from './datasets.ts';
import { deliveryRoutes } from './deliveries.ts';
import { eventRoutes } from './events.ts';
import { api } from './implementer.ts';
import { issuerRoutes } from './issuer.ts';
import { managedBucketRoutes } from './managed-buckets.ts';
import { runRoutes } from './runs.ts';
import { secretRoutes } from './secrets.ts';
import { setupLinkRoutes } from './setup-links.ts';
import { systemRoutes } from './system.ts';
import { webhookRoutes } from './webhooks.ts';

export interface ApiRouterDeps {
  readonly platform: Platform;
  readonly configuration: Configuration;
  /** Ends streams. */
  readonly shutdown: AbortSignal;
}

/** A handler for every operation of the contract: one that is missing does not compile. */
export function apiRouter({
  platform,
  configuration,
  shutdown,
}: ApiRouterDeps): Router<Operations, OperationContext> {
  const { operatorName, templateBucket, issuer, publicUrl } = configuration;
  const { store, engine, signingKey, identityTokens, operator } = platform;
  const access = checkAccessOf(platform, configuration);
  const make = (input: ConnectionCreate, records: Records) =>
    newConnection(input, records, access, issuer);
  const sources = sourcesOf(platform, configuration);
  return api.router({
    accessKeys: accessKeyRoutes({ access, secrets: platform.secrets }),
    customers: customerRoutes(operator),
    connections: connectionRoutes({ ...access, operatorName, templateBucket }, issuer),
    setupLinks: setupLinkRoutes({
      operator,
      publicUrl,
      newConnection: make,
    }),
    connect: connectRoutes(operator, operatorName),
    managedBuckets: managedBucketRoutes({
      ...access,
      exclusively: store.exclusively,
      newConnection: make,
    }),
    datasets: datasetRoutes({
      engine,
      sources,
      secrets: platform.secrets,
      recordPushes: store.recordPushes,
      dueDeliveries: store.dueDeliveries,
    }),
    deliveries: deliveryRoutes({ sources }),
    events: eventRoutes(store),
    issuer: issuerRoutes(identityTokens.issuer),
    runs: runRoutes({
      watchRun: store.watchRun,
      sources,
      lookForReceipts: (runId, signal) => lookForReceiptsOfRun(runId, { store, access, signal }),
      shutdown,
    }),
    secrets: secretRoutes(platform.secrets),
    webhooks: webhookRoutes({
      secrets: platform.secrets,
      addresses: webhookAddresses(configuration.privateWebhookHosts),
    }),
    system: systemRoutes({ publicKeys: signingKey.publicKeys, ping: store.ping }),
  });
}
