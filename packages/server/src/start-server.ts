import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { CausewayError } from '@causeway/contract';
import type { DuckDbEngine } from '@causeway/engine';
import type { Store } from '@causeway/store';
import type { FastifyInstance } from 'fastify';
import { createApiHandler } from './api-handler.ts';
import { checkAccessOf } from './check-access.ts';
import { createClosers } from './closers.ts';
import type { Configuration } from './configuration.ts';
import { mountConnectPage } from './connect-page/mount-connect-page.ts';
import { createHttpServer } from './http-server.ts';
import type { Log } from './log.ts';
import { mountManagedPage } from './managed-page/mount-managed-page.ts';
import { mountIssuer } from './mount-issuer.ts';
import { loadOverview } from './page/overview.ts';
import { mountPages } from './pages.ts';
import { openPlatform } from './platform.ts';
import { fieldRules } from './routes/field-rules.ts';
import { apiRouter } from './routes/router.ts';
import { workOn } from './start-worker.ts';
import { version } from './version.ts';

export interface ServerOptions {
  readonly configuration: Configuration;
  readonly log: Log;
  /** Shows what is kept here at `/`, without a key, to this computer alone. Default false. */
  readonly openPage?: boolean;
  /** Carries out runs too. Default true. */
  readonly worker?: boolean;
  /** Stays open when the server is closed. Default one of its own. */
  readonly engine?: DuckDbEngine;
}

export interface Server {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly store: Store;
  /** The key that was made because there was none. It cannot be found out again. */
  readonly firstApiKey?: string;
  /** Ends all requests and streams, then the worker, then the database if it is embedded. */
  close(): Promise<void>;
}

/**
 * Starts the API, and a worker unless told otherwise. Nothing is left running when
 * it fails.
 *
 * @throws CausewayError `configuration_invalid`, `database_unreachable` and the like, when
 * something it stands on is missing.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { configuration, log } = options;
  const closers = createClosers();
  try {
    const platform = await openPlatform(configuration, options.engine);
    closers.add(platform.close);
    const { store } = platform;
    if (options.worker ?? true) {
      const worker = await workOn(platform, configuration, log);
      closers.add(() => worker.stop());
    }
    const shutdown = new AbortController();
    const router = apiRouter({ platform, configuration, shutdown: shutdown.signal });
    const rules = fieldRules(checkAccessOf(platform, configuration));
    const http = createHttpServer({
      log,
      authenticate: (apiKey) => store.apiKeys.authenticate(apiKey),
      resumeSession: (token) => store.setupLinks.resume(token),
      handle: createApiHandler({ router, rules, store, log }),
    });
    closers.add(() => closeHttp(http, shutdown));
    mountIssuer(http, platform.identityTokens.issuer);
    mountConnectPage(http);
    mountManagedPage(http);
    mountPages(http, {
      version,
      loadOverview: options.openPage ? () => loadOverview(store) : null,
    });
    const url = await listen(http, configuration);
    const firstApiKey = await makeFirstApiKey(store);
    log({ level: 'info', event: 'server:started', url, version });
    return { url, store, ...(firstApiKey !== null && { firstApiKey }), close: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function listen(http: FastifyInstance, { host, port }: Configuration): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    throw notListening(cause, host, port);
  }
  const address = http.server.address() as AddressInfo;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`;
}

function notListening(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const issue = {
    EADDRINUSE: `CAUSEWAY_PORT ${port} is taken: stop what listens there, or choose another`,
    EACCES: `CAUSEWAY_PORT ${port} needs more rights: choose one above 1023`,
    EADDRNOTAVAIL: `CAUSEWAY_HOST "${host}" is no address of this machine`,
    ENOTFOUND: `CAUSEWAY_HOST "${host}" is no address of this machine`,
  }[code];
  if (issue === undefined) return cause;
  return new CausewayError('configuration_invalid', { issues: [issue] }, { cause });
}

/** Requests in hand may take this long once the server is to stop. */
const graceMs = 3_000;

/** Ends streams in good order, lets other requests in hand end, and cuts what takes too long. */
async function closeHttp(http: FastifyInstance, shutdown: AbortController): Promise<void> {
  shutdown.abort();
  const overtime = setTimeout(() => http.server.closeAllConnections(), graceMs);
  // A connection that falls idle after the server was closed would be kept alive.
  const sweep = setInterval(() => http.server.closeIdleConnections(), 20);
  try {
    await http.close();
  } finally {
    clearTimeout(overtime);
    clearInterval(sweep);
  }
}

async function makeFirstApiKey(store: Store): Promise<string | null> {
  if ((await store.apiKeys.count()) > 0) return null;
  return (await store.apiKeys.create({ name: 'first' })).key;
}
