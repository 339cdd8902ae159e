import type { CheckReport } from '@causeway/contract';
import { startSandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import { checkConnection } from '../check/check-connection.ts';
import type { CheckDeps } from '../check/check-deps.ts';
import { operator } from './sample-customer.ts';
import { startSampleIssuers } from './sample-issuers.ts';
import type { Site, Stage } from './site.ts';

/** A stage of its own, to be closed, and how the setups on it are checked. */
export interface OpenStage extends Stage {
  readonly check: (site: Site, more?: Partial<CheckDeps>) => Promise<CheckReport>;
  readonly close: () => Promise<void>;
}

export async function openStage(): Promise<OpenStage> {
  const [sandbox, issuers] = await Promise.all([startSandbox({ port: 0 }), startSampleIssuers()]);
  const credentials = await createOperator(sandbox.url);
  return {
    sandboxUrl: sandbox.url,
    credentials,
    issuers,
    check: ({ connection, deps }, more = {}) =>
      checkConnection(connection, {
        operator,
        credentials: async () => credentials,
        region: 'us-east-1',
        endpoint: sandbox.url,
        browserOrigins: ['https://app.example.com'],
        ...deps,
        ...more,
      }),
    async close() {
      await Promise.all([issuers.close(), sandbox.close()]);
    },
  };
}
