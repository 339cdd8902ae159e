import {
  type $Command,
  type __MetadataBearer as MetadataBearer,
  STSClient,
  type STSClientResolvedConfig,
} from '@aws-sdk/client-sts';
import type { CredentialSource } from './credentials.ts';
import type { RequestWatch } from './request-watch.ts';
import { stsSettings } from './sdk-settings.ts';

export interface StsOptions {
  /** Calls go to this region's own STS. */
  readonly region: string;
  readonly endpoint?: string;
  readonly signal?: AbortSignal;
  readonly onRequest?: RequestWatch;
}

type Middleware<I extends object, O extends MetadataBearer> = $Command<
  I,
  O,
  STSClientResolvedConfig
>['middlewareStack'];

interface Caller {
  readonly client: STSClient;
  users: number;
  idle?: NodeJS.Timeout;
}

/** So long its connections are kept for the next call: those of a run come in swarms. */
const idleMs = 500;

/** Those in use, or just now, by whose credentials they sign with, and where they call. */
const callers = new Map<CredentialSource, Map<string, Caller>>();

/**
 * Calls STS once. Calls at about the same time by the same credentials share a client and its
 * connections, since a run asks for a session for each of its customers; soon after the last of
 * them these are closed.
 */
export async function withStsClient<I extends object, O extends MetadataBearer, T>(
  options: StsOptions & { readonly credentials: CredentialSource },
  command: { readonly middlewareStack: Middleware<I, O> },
  use: (client: STSClient, options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  const caller = join(options);
  if (options.onRequest) watchRequests(command.middlewareStack, options.onRequest);
  try {
    return await use(caller.client, options.signal ? { abortSignal: options.signal } : {});
  } finally {
    caller.leave();
  }
}

function join({
  region,
  endpoint,
  credentials,
}: StsOptions & { readonly credentials: CredentialSource }) {
  const place = `${region} ${endpoint ?? ''}`;
  const byPlace = callers.get(credentials) ?? new Map<string, Caller>();
  callers.set(credentials, byPlace);
  const caller: Caller = byPlace.get(place) ?? {
    client: newClient(region, endpoint, credentials),
    users: 0,
  };
  byPlace.set(place, caller);
  clearTimeout(caller.idle);
  caller.users++;
  return {
    client: caller.client,
    leave() {
      caller.users--;
      if (caller.users > 0) return;
      caller.idle = setTimeout(() => {
        byPlace.delete(place);
        if (byPlace.size === 0) callers.delete(credentials);
        caller.client.destroy();
      }, idleMs).unref();
    },
  };
}

function newClient(region: string, endpoint: string | undefined, credentials: CredentialSource) {
  return new STSClient({
    ...stsSettings(),
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 15_000 },
  });
}

/** The SDK repeats within one call: its middleware of this step and priority sees each attempt. */
function watchRequests<I extends object, O extends MetadataBearer>(
  stack: Middleware<I, O>,
  onRequest: RequestWatch,
): void {
  let sent = 0;
  stack.add(
    (next) => (args) => {
      onRequest({ service: 'sts', isRetry: sent++ > 0 });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'watchRequests' },
  );
}
