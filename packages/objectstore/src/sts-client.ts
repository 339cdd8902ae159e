import { STSClient } from '@aws-sdk/client-sts';
import type { CredentialSource } from './credentials.ts';

export interface StsOptions {
  /** Calls go to this region's own STS. */
  readonly region: string;
  readonly endpoint?: string;
  readonly signal?: AbortSignal;
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
  try {
    return await use(client, options.signal ? { abortSignal: options.signal } : {});
  } finally {
    client.destroy();
  }
}
