import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  type Connection,
  type Customer,
  guideDocument,
  guideValue,
  type NewSetupLink,
  type SetupGuide,
} from '@causeway/contract';
import {
  type AccessKey,
  accountClients,
  createAccessKey,
  createUser,
} from '@causeway/sandbox/clients';
import { createClosers } from '../closers.ts';
import { type Server, startServer } from '../start-server.ts';
import { type Api, apiOf } from './api-of.ts';
import { type IssuerFront, startIssuerFront } from './issuer-front.ts';
import { openTestStage, type TestStage } from './test-stage.ts';

/** A server, a customer's AWS account and links between them, for tests of the setup page. */
export interface ConnectStage {
  readonly stage: TestStage;
  readonly server: Server;
  /** As the operator. */
  readonly call: Api['call'];
  /** A new customer with a draft connection and a link for it. */
  newLink(connection?: object, terms?: object): Promise<NewSetupLink>;
  guideOf(connectionId: string): Promise<SetupGuide>;
  connectionOf(connectionId: string): Promise<Connection>;
  /** Bucket and user in the customer's account, as the guide says. @returns the user's name. */
  makeUser(guide: SetupGuide): Promise<string>;
  newKey(userName: string): Promise<AccessKey>;
  close(): Promise<void>;
}

/** The customer whose account the sandbox has. */
export const acme = '222222222222';

export async function openConnectStage(): Promise<ConnectStage> {
  const closers = createClosers();
  try {
    return await open(closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function open(closers: ReturnType<typeof createClosers>): Promise<ConnectStage> {
  const [stage, front]: [TestStage, IssuerFront] = await Promise.all([
    openTestStage(),
    startIssuerFront(),
  ]);
  closers.add(() => stage.close());
  closers.add(() => front.close());
  const configuration = {
    ...stage.configuration,
    issuer: { url: front.url, audience: 'sts.amazonaws.com' },
    allowedEndpoints: [stage.sandbox.url],
    operatorName: 'Skyline',
  };
  const server = await startServer({ configuration, log: () => {}, worker: false });
  closers.add(() => server.close());
  front.origin = server.url;
  const { call } = apiOf(() => ({ url: server.url, apiKey: server.firstApiKey ?? '' }));
  const { iam, s3 } = accountClients(stage.sandbox.url, acme);
  let made = 0;
  return {
    stage,
    server,
    call,
    async newLink(connection = {}, terms = {}) {
      const customer = { name: 'Acme', reference: `connect-${++made}` };
      const { id: customerId } = await call<Customer>('POST /v1/customers', customer);
      const body = { ...terms, connection: { customerId, ...connection } };
      const link = await call<NewSetupLink>('POST /v1/setup-links', body);
      return { ...link, url: `${server.url}/connect${new URL(link.url).hash}` };
    },
    guideOf: (id) => call(`GET /v1/connections/${id}/setup-guide`),
    connectionOf: (id) => call(`GET /v1/connections/${id}`),
    async makeUser(guide) {
      const UserName = guideValue(guide, 'userName');
      await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
      await createUser(iam, UserName, guideDocument(guide, 'permissionsPolicy'));
      return UserName;
    },
    newKey: (userName) => createAccessKey(iam, userName),
    close: () => closers.close(),
  };
}
