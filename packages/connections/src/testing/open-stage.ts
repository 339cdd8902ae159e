import { CausewayError, type CheckReport } from '@causeway/contract';
import { startSandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import { checkConnection } from '../check/check-connection.ts';
import type { CheckDeps } from '../check/check-deps.ts';
import { type ExplainedFailure, explainFailure } from '../check/explain-failure.ts';
import { openConnection } from '../open-connection.ts';
import { operator } from './sample-customer.ts';
import { startSampleIssuers } from './sample-issuers.ts';
import type { Site, Stage } from './site.ts';

/** A stage of its own, to be closed, and how the setups on it are checked. */
export interface OpenStage extends Stage {
  readonly check: (site: Site, more?: Partial<CheckDeps>) => Promise<CheckReport>;
  readonly write: (site: Site) => Promise<ExplainedFailure | null>;
  readonly close: () => Promise<void>;
}

/** How a write fails as deliveries write, in the words of a check; null if it does not. */
async function tryWrite({ connection }: Site, deps: CheckDeps): Promise<ExplainedFailure | null> {
  const { id, prefix } = connection;
  const scope = {
    prefixes: [prefix],
    capability: 'deliver',
    sessionName: `causeway-${id}`,
  } as const;
  const key = `${prefix}flights/file`;
  try {
    const store = openConnection(
      { ...connection, accountConfirmed: true },
      { ...scope, finishing: true },
      deps,
    );
    try {
      const upload = {
        key,
        uploadId: await store.createMultipartUpload({ key, contentType: 'text/plain', token: 't' }),
      };
      await store.uploadPart({ ...upload, partNumber: 1, body: new Uint8Array(1) });
      await store.abortMultipartUpload(upload);
    } finally {
      store.close();
    }
    return null;
  } catch (error) {
    if (!CausewayError.is(error)) throw error;
    return explainFailure(error, connection, deps);
  }
}

export async function openStage(): Promise<OpenStage> {
  const [sandbox, issuers] = await Promise.all([startSandbox({ port: 0 }), startSampleIssuers()]);
  const credentials = await createOperator(sandbox.url);
  const depsOf = ({ deps }: Site): CheckDeps => ({
    operator,
    credentials: async () => credentials,
    region: 'us-east-1',
    endpoint: sandbox.url,
    browserOrigins: ['https://app.example.com'],
    ...deps,
  });
  return {
    sandboxUrl: sandbox.url,
    credentials,
    issuers,
    check: (site, more = {}) => checkConnection(site.connection, { ...depsOf(site), ...more }),
    write: (site) => tryWrite(site, depsOf(site)),
    async close() {
      await Promise.all([issuers.close(), sandbox.close()]);
    },
  };
}
