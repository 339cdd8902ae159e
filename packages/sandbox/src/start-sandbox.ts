import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IamView } from './access/iam-view.ts';
import { KeyUses } from './access/key-uses.ts';
import { PolicyCache } from './access/policy-cache.ts';
import type { SandboxAccount } from './accounts.ts';
import { Clock } from './clock.ts';
import { type ReadConfig, readConfig, type SandboxConfig } from './config/read-config.ts';
import { History } from './control/history.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import { handleRequest } from './handle-request.ts';
import { listen, type TlsAddress } from './listen.ts';
import { DigestThreads } from './s3/checksums/digest-threads.ts';
import { applyLifecycle } from './s3/lifecycle/apply-lifecycle.ts';
import { VersionIds } from './s3/versions/version-ids.ts';
import { QueueBells } from './sqs/queue-bells.ts';
import { Blobs } from './state/blobs.ts';
import { forgetTheOld, namedBlobs } from './state/forget.ts';
import { lockFolder } from './state/lock-folder.ts';
import { Slabs } from './state/slabs.ts';
import { State } from './state/state.ts';
import { IssuerKeys } from './sts/web-identity/issuer-keys.ts';
import type { World } from './world.ts';

export interface SandboxOptions extends SandboxConfig {
  /** 4566 when absent; 0 for any that is free. */
  readonly port?: number;
  /** Takes any free port where `port` is taken, instead of refusing. */
  readonly orAnyPort?: boolean;
  readonly host?: '127.0.0.1';
  /** Adds HTTPS on this port, with a certificate made at start; 0 for any that is free. */
  readonly tlsPort?: number;
  /** Keeps buckets, objects and IAM from one start to the next. Absent: a temporary folder, removed on close. */
  readonly dataDir?: string;
  /** The clock that senders sign by and that the sandbox's own starts from; the machine's when absent. */
  readonly now?: () => Date;
  /** Makes `aws:SecureTransport` false on the plain port, where it counts as true otherwise. */
  readonly strictTransport?: boolean;
}

export interface Sandbox {
  /** Such as `http://127.0.0.1:4566`: the endpoint of every service. */
  readonly url: string;
  readonly port: number;
  /** Null unless a port for TLS was asked for. */
  readonly tls: TlsAddress | null;
  readonly accounts: readonly SandboxAccount[];
  /** The sandbox's time, which only it moves: `POST /_sandbox/clock` in-process. */
  readonly clock: Clock;
  /** Stops at once: open connections are cut, and what was acknowledged is kept. */
  readonly close: () => Promise<void>;
}

const defaultPort = 4566;

/**
 * Starts a local AWS: S3, STS, IAM, KMS and SQS on one port of this machine, every request
 * authenticated and authorised.
 *
 * @throws SandboxError when the accounts or the organization are none, the port is
 * taken, or the data folder is in use or damaged.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const config = readConfig(configOf(options));
  const folder = await openFolder(options.dataDir);
  try {
    return await serve(folder, config, options);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** The part of the options that a file could give, without what a program's objects carry besides. */
function configOf({ accounts, organization, iamDelaySeconds }: SandboxOptions): SandboxConfig {
  return {
    ...(accounts && {
      accounts: accounts.map(({ id, alias, accessKeyId, secretAccessKey }) => ({
        id,
        alias,
        accessKeyId,
        secretAccessKey,
      })),
    }),
    ...(organization && { organization }),
    ...(iamDelaySeconds !== undefined && { iamDelaySeconds }),
  };
}

interface Folder {
  readonly path: string;
  readonly close: () => Promise<void>;
}

async function openFolder(dataDir: string | undefined): Promise<Folder> {
  if (dataDir === undefined) {
    const path = await mkdtemp(join(tmpdir(), 'causeway-sandbox-'));
    return { path, close: () => rm(path, { recursive: true, force: true }) };
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return { path: dataDir, close: await lockFolder(dataDir) };
}

async function serve(
  folder: Folder,
  config: ReadConfig,
  options: SandboxOptions,
): Promise<Sandbox> {
  const world = openWorld(folder.path, config, options);
  const underWay = new Set<Promise<void>>();
  const ports = {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? defaultPort,
    orAnyPort: options.orAnyPort ?? false,
    tlsPort: options.tlsPort ?? null,
  };
  const listening = await listen(folder.path, ports, (message, response) => {
    const handled = handleRequest(message, response, world).finally(() => underWay.delete(handled));
    underWay.add(handled);
  }).catch((error: unknown) => {
    world.state.close();
    throw error;
  });
  let closing: Promise<void> | null = null;
  const close = async () => {
    const closed = listening.close();
    world.faults.deleteAll();
    await Promise.allSettled([closed, ...underWay]);
    await world.digestThreads.close();
    world.state.close();
    await folder.close();
  };
  return {
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    tls: listening.tls,
    accounts: config.accounts,
    clock: world.clock,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function openWorld(
  path: string,
  { accounts, organization, iamDelaySeconds }: ReadConfig,
  options: SandboxOptions,
): World {
  const clock = new Clock(options.now);
  const state = new State(join(path, 'state.log'));
  forgetTheOld(state, clock.now());
  const blobs = new Blobs(join(path, 'blobs'));
  blobs.removeAllBut(namedBlobs(state));
  const world: World = {
    accounts,
    state,
    blobs,
    versionIds: new VersionIds(),
    slabs: new Slabs(),
    digestThreads: new DigestThreads(),
    policies: new PolicyCache(),
    iam: new IamView(state, () => clock.now(), iamDelaySeconds),
    keyUses: new KeyUses(),
    organization,
    issuerKeys: new IssuerKeys(),
    faults: new FaultPlan(),
    history: new History(),
    clock,
    queueBells: new QueueBells(state, clock),
    now: () => clock.now(),
    secureTransport: options.strictTransport !== true,
  };
  clock.onAdvance(() => applyLifecycle(world));
  return world;
}
