import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  accessesOfOperatorAccount,
  createIssuer,
  type IdentityTokens,
  identityTokens,
  type KmsAccess,
  type SecretVault,
} from '@causeway/connections';
import type { SigningKey } from '@causeway/delivery';
import { createDuckDbEngine, type DuckDbEngine } from '@causeway/engine';
import { openStore, type Store, startEmbeddedPostgres } from '@causeway/store';
import { createClosers } from './closers.ts';
import type { AwsConfiguration, Configuration } from './configuration.ts';
import { openSecrets } from './open-secrets.ts';
import { identifyOperator, type OperatorIdentity } from './operator-identity.ts';
import { loadSigningKey } from './signing-key.ts';

/** What API and worker both stand on. */
export interface Platform {
  readonly store: Store;
  readonly engine: DuckDbEngine;
  readonly operator: OperatorIdentity;
  readonly signingKey: SigningKey;
  readonly secrets: SecretVault;
  readonly identityTokens: IdentityTokens;
  /** Stop servers and workers first. */
  close(): Promise<void>;
}

/**
 * Opens database, engine, signing key, the operator's identity and the keys of the secrets. What was opened
 * is closed again when one of them fails.
 *
 * @param given an engine to use instead of one of its own, and to leave open.
 * @throws CausewayError as each of them does.
 */
export async function openPlatform(
  configuration: Configuration,
  given?: DuckDbEngine,
): Promise<Platform> {
  const { dataDir } = configuration;
  await mkdir(dataDir, { recursive: true });
  const closers = createClosers();
  try {
    // All is waited for, so that nothing opens after what failed was cleared away.
    const database = openDatabase(configuration, closers.add);
    const [store, operator, signingKey] = await Promise.allSettled([
      database,
      identifyOperator(configuration.aws, async () =>
        (await database).connections.anyBy(accessesOfOperatorAccount),
      ),
      loadSigningKey(configuration),
    ]);
    const opened = {
      operator: fulfilled(operator),
      signingKey: fulfilled(signingKey),
      store: fulfilled(store),
    };
    const secrets = await openSecrets({
      configuration,
      kms: kmsAccess(opened.operator, configuration.aws),
      store: opened.store.secrets,
    });
    const engine = given ?? openEngine(configuration, closers.add);
    const issuer = createIssuer({
      ...configuration.issuer,
      keys: opened.store.issuerKeys,
      secrets,
    });
    const { webIdentityTokenFile, webIdentityProbeTokenFiles, acceptsUnprovedSubject } =
      configuration;
    const tokens = identityTokens({
      issuer,
      tokenFile: webIdentityTokenFile,
      probeTokenFiles: webIdentityProbeTokenFiles,
      acceptsUnprovedSubject,
    });
    return { ...opened, secrets, identityTokens: tokens, engine, close: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function openEngine(
  { dataDir, memoryLimitMb, threads }: Configuration,
  onClose: (close: () => unknown) => void,
): DuckDbEngine {
  const engine = createDuckDbEngine({ tempDir: join(dataDir, 'work'), memoryLimitMb, threads });
  onClose(() => engine.close());
  return engine;
}

async function openDatabase(
  { databaseUrl, dataDir }: Configuration,
  onClose: (close: () => unknown) => void,
): Promise<Store> {
  if (databaseUrl !== null) return open(databaseUrl);
  const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  onClose(() => postgres.stop());
  return open(postgres.databaseUrl);

  async function open(url: string): Promise<Store> {
    const store = await openStore({ databaseUrl: url });
    onClose(() => store.close());
    return store;
  }
}

function kmsAccess({ credentials }: OperatorIdentity, { endpoint }: AwsConfiguration): KmsAccess {
  return { credentials, ...(endpoint !== null && { endpoint }) };
}

function fulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
