import { STSClient } from '@aws-sdk/client-sts';
import type { CredentialSource } from './credentials.ts';
import type { RequestWatch } from './request-watch.ts';

export interface StsOptions {
  /** Calls go to this region's own STS. */
  readonly region: string;
  readonly endpoint?: string;
  readonly signal?: AbortSignal;
  readonly onRequest?: RequestWatch;
}

/** Calls STS once and leaves no connection open. */
export async function withStsClient<T>(
  options: StsOptions & { readonly credentials: CredentialSource },
  use: (client: STSClient, options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  const client = new STSClient({
    region: options.region,
    credentials: options.credentials,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 15_000 },
  });
  if (options.onRequest) watchRequests(client, options.onRequest);
  try {
    return await use(client, options.signal ? { abortSignal: options.signal } : {});
  } finally {
    client.destroy();
  }
}

/** The SDK repeats within one call: its middleware of this step and priority sees each attempt. */
function watchRequests(client: STSClient, onRequest: RequestWatch): void {
  let sent = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      onRequest({ service: 'sts', isRetry: sent++ > 0 });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'watchRequests' },
  );
}
