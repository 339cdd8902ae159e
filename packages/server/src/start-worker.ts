import { join } from 'node:path';
import { explainFailure, openConnection } from '@causeway/connections';
import { executeRun, type RunDeps, type RunEvent } from '@causeway/delivery';
import type { DuckDbEngine } from '@causeway/engine';
import { createPartMemory, createThreadedDigester, type Digester } from '@causeway/objectstore';
import { newLeaseOwner } from '@causeway/store';
import type { CheckAccess } from './check-access.ts';
import { checkAccessOf } from './check-access.ts';
import type { Configuration } from './configuration.ts';
import { refreshConnection } from './health/refresh-connection.ts';
import { watchHealth } from './health/watch-health.ts';
import { linkEvents } from './link-events.ts';
import type { Log } from './log.ts';
import { openPlatform, type Platform } from './platform.ts';
import { removePushed } from './push/remove-pushed.ts';
import { removeForgotten } from './remove-forgotten.ts';
import { watchDeliveries } from './schedule/watch-deliveries.ts';
import { watchRetries } from './schedule/watch-retries.ts';
import { sourcesOf } from './sources/sources.ts';
import { sendWebhooks } from './webhooks/send-webhooks.ts';
import { webhookAddresses } from './webhooks/webhook-addresses.ts';

export interface WorkerProcess {
  /** Takes nothing new, leaves what does not end soon to the next worker, and waits for the rest. */
  close(): Promise<void>;
}

/**
 * Starts a process that carries out runs (those queued, and those that another worker has
 * left), checks connections whose time has come, links events into their chain, and sends webhooks.
 *
 * @throws CausewayError `configuration_invalid`, `database_unreachable` and the like, when
 * something it stands on is missing.
 */
export async function startWorker(options: {
  readonly configuration: Configuration;
  readonly log: Log;
  /** Stays open when the worker is closed. Default one of its own. */
  readonly engine?: DuckDbEngine;
}): Promise<WorkerProcess> {
  const platform = await openPlatform(options.configuration, options.engine);
  try {
    const worker = await workOn(platform, options.configuration, options.log);
    return {
      async close() {
        await worker.stop();
        await platform.close();
      },
    };
  } catch (error) {
    await platform.close();
    throw error;
  }
}

/** Carries out runs and checks connections in this process. */
export async function workOn(platform: Platform, configuration: Configuration, log: Log) {
  const owner = newLeaseOwner();
  const digester = createThreadedDigester();
  const access = checkAccessOf(platform, configuration);
  const deps = runDeps(platform, configuration, access, { owner, digester }, log);
  const worker = await platform.store.jobs.startWorker({
    owner,
    concurrency: configuration.concurrentRuns,
    async workOnRun(runId, signal) {
      await executeRun(runId, deps, signal);
      // Runs come in swarms: the next finds its process started.
      platform.engine.warm();
    },
    onError: (error, runId) => log({ level: 'error', event: 'worker:failed', runId, error }),
  });
  const health = watchHealth({ store: platform.store, access, ...configuration.checks, log });
  const sources = sourcesOf(platform, configuration);
  const deliveries = watchDeliveries({ store: platform.store, sources, log });
  const retries = watchRetries({ store: platform.store, sources, log });
  const links = linkEvents({ store: platform.store, log });
  const pushed = removePushed({ store: platform.store, log });
  const forgotten = removeForgotten({
    store: platform.store,
    keptDays: configuration.forgottenKeysDays,
    log,
  });
  const webhooks = sendWebhooks({
    store: platform.store,
    secrets: platform.secrets,
    addresses: webhookAddresses(configuration.privateWebhookHosts),
    now: () => new Date(),
    log,
  });
  return {
    async stop() {
      await Promise.all([
        deliveries.stop(),
        retries.stop(),
        worker.stop(),
        health.stop(),
        links.stop(),
        pushed.stop(),
        forgotten.stop(),
        webhooks.stop(),
      ]);
      await digester.close();
    },
  };
}

/** What runs need, as a worker of this process has it. */
export function runDeps(
  platform: Platform,
  configuration: Configuration,
  access: CheckAccess,
  own: { readonly owner: string; readonly digester: Digester },
  log: Log,
): RunDeps {
  const { store, engine, signingKey } = platform;
  const { checks } = configuration;
  const sources = sourcesOf(platform, configuration);
  const refreshDeps = { store, access, ...checks };
  return {
    journal: store.journal,
    engine,
    openSource: (dataset, signal) => sources.open(dataset, signal),
    refreshConnection: (connection, signal) => refreshConnection(connection, signal, refreshDeps),
    openBucket: (connection, scope) =>
      openConnection(connection, { ...scope, capability: 'deliver' }, access),
    explainFailure: (error, connection) => explainFailure(error, connection, access),
    signingKey,
    partMemory: createPartMemory({
      limitBytes: configuration.uploadMemoryMb * 1024 ** 2,
      spillDir: join(configuration.dataDir, 'parts'),
    }),
    smallFileBytes: configuration.smallFileKb * 1024,
    slowBucketSeconds: configuration.slowBucketSeconds,
    ...own,
    now: () => new Date(),
    log: (event) => log({ level: levelOf(event), ...event }),
  };
}

function levelOf({ event }: RunEvent): 'info' | 'warn' {
  const troubles: readonly RunEvent['event'][] = [
    'run:lease_lost',
    'run:released',
    'recipient:failed',
    'recipient:unswept',
    'recipient:unremoved',
    'recipient:interrupted',
  ];
  return troubles.includes(event) ? 'warn' : 'info';
}
