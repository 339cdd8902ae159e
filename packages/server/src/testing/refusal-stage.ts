import { CreateUserCommand } from '@aws-sdk/client-iam';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { Connection, ConnectSession, Customer, SetupLink } from '@causeway/contract';
import { rootCredentials } from '@causeway/sandbox';
import { type AccessKey, accountClients, createAccessKey } from '@causeway/sandbox/clients';
import pg from 'pg';
import { createClosers } from '../closers.ts';
import { type Server, startServer } from '../start-server.ts';
import { openTestStage, type TestStage } from './test-stage.ts';

/** A server with two customers and every kind of connection, on which requests are refused. */
export interface RefusalStage {
  readonly stage: TestStage;
  readonly server: Server;
  /** Values of this stage that requests name in braces, such as `{customer}`. */
  readonly values: Readonly<Record<string, string>>;
  /** Bearer tokens, by who sends them; null: none is sent. */
  readonly callers: Readonly<Record<string, string | null>>;
  call<T>(line: string, body?: unknown, token?: string | null): Promise<T>;
  /** A hash of every row that is kept, by table, but for when keys and sessions were used last. */
  rows(): Promise<unknown>;
  close(): Promise<void>;
}

/** Of the one site that may use buckets from browsers. */
export const browserOrigin = 'https://app.example.com';

const acme = '222222222222';
const globex = '333333333333';

export async function openRefusalStage(allowedEndpoints: readonly string[]): Promise<RefusalStage> {
  const closers = createClosers();
  const stage = await openTestStage();
  closers.add(() => stage.close());
  const configuration = {
    ...stage.configuration,
    allowedEndpoints,
    browserOrigins: [browserOrigin],
  };
  const server = await startServer({ configuration, log: () => {}, worker: false });
  closers.add(() => server.close());
  const apiKey = server.firstApiKey ?? '';
  const call = async <T>(line: string, body?: unknown, token: string | null = apiKey) => {
    const response = await sendTo(server.url, line, { body: JSON.stringify(body ?? {}), token });
    const text = await response.text();
    if (!response.ok) throw new Error(`${line}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const connections = await makeConnections(call);
  const database = new pg.Client({ connectionString: configuration.databaseUrl });
  await database.connect();
  closers.add(() => database.end());
  const links = await makeLinks(call, connections, database);
  const keys = await makeKeys(stage);
  const { callers } = links;
  return {
    stage,
    server,
    values: { ...connections, ...links.values, ...keys, apiKey },
    callers: { ...callers, operator: apiKey, nobody: null, madeUp: alteredEnd(apiKey) },
    call,
    rows: await rowsOf(database),
    close: closers.close,
  };
}

export interface Sent {
  readonly body: string;
  readonly token: string | null;
  readonly contentType?: string;
}

/** Sends a request; those that have no body by nature get none. */
export function sendTo(
  url: string,
  line: string,
  { body, token, contentType = 'application/json' }: Sent,
): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  const hasBody = method === 'POST' || method === 'PATCH';
  return fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(hasBody && { 'content-type': contentType }),
    },
    ...(hasBody && { body }),
  });
}

async function makeConnections(call: RefusalStage['call']) {
  const customerOf = async (name: string, reference: string) =>
    (await call<Customer>('POST /v1/customers', { name, reference })).id;
  const customer = await customerOf('Acme', 'acme');
  const rival = await customerOf('Globex', 'globex');
  const connect = (customerId: string, body: object) =>
    call<Connection>('POST /v1/connections', {
      customerId,
      accountId: customerId === rival ? globex : acme,
      ...body,
    });
  const own = await connect(customer, { location: 's3://acme-data/causeway/' });
  const byKey = { access: 'access_key', location: 's3://acme-keys/causeway/' };
  const keys = await connect(customer, byKey);
  const managed = await connect(customer, { access: 'bucket_policy', resourceId: 'acme' });
  const rivals = await connect(rival, {
    name: 'Secret project',
    location: 's3://globex-data/causeway/',
    roleArn: `arn:aws:iam::${globex}:role/vendor/shared`,
  });
  const byRole = { access: 'operator_role', resourceId: 'globex', externalId: 'generated' };
  const rivalManaged = await connect(rival, byRole);
  return {
    customer,
    rival,
    connection: own.id,
    keys: keys.id,
    managed: managed.id,
    rivalConnection: rivals.id,
    rivalBucket: rivalManaged.bucket ?? '',
  };
}

type NewLink = SetupLink & { readonly url: string };

async function makeLinks(
  call: RefusalStage['call'],
  { customer, keys }: { readonly customer: string; readonly keys: string },
  database: pg.Client,
) {
  const newLink = async (body: object) => {
    const { url, id } = await call<NewLink>('POST /v1/setup-links', body);
    return { id, token: new URL(url).hash.slice(1) };
  };
  const open = (token: string) =>
    call<ConnectSession>('POST /v1/connect/sessions', { token }, null);
  const draft = { connection: { customerId: customer } };
  const link = await newLink(draft);
  const session = await open(link.token);
  const pinned = await newLink({ ...draft, expectedAccountId: acme });
  const [revoked, expired, unknown] = [
    await newLink(draft),
    await newLink(draft),
    await newLink(draft),
  ];
  const [revokedSession, expiredSession] = [await open(revoked.token), await open(expired.token)];
  await call(`DELETE /v1/setup-links/${revoked.id}`);
  await database.query(
    `update causeway.setup_links set expires_at = clock_timestamp() where id = $1`,
    [expired.id],
  );
  await database.query(`delete from causeway.setup_links where id = $1`, [unknown.id]);
  return {
    values: {
      draft: session.connectionId,
      session: session.token,
      linkId: link.id,
      revokedLink: revoked.token,
      expiredLink: expired.token,
      unknownLink: unknown.token,
    },
    callers: {
      session: session.token,
      link: link.token,
      revokedSession: revokedSession.token,
      expiredSession: expiredSession.token,
      pinnedSession: (await open(pinned.token)).token,
      keySession: (await open((await newLink({ connectionId: keys })).token)).token,
    },
  };
}

/** Keys of every kind that is refused, all of them real in the sandbox. */
async function makeKeys({ sandbox }: TestStage) {
  const root = rootCredentials(acme);
  const temporary = await temporaryKey(sandbox.url);
  const rival = await userKey(sandbox.url, globex);
  const operator = await userKey(sandbox.url, '111111111111');
  return {
    rootKeyId: root.accessKeyId,
    rootSecret: root.secretAccessKey,
    temporaryKeyId: temporary.AccessKeyId ?? '',
    temporarySecret: temporary.SecretAccessKey ?? '',
    temporaryToken: temporary.SessionToken ?? '',
    rivalKeyId: rival.accessKeyId,
    rivalSecret: rival.secretAccessKey,
    operatorKeyId: operator.accessKeyId,
    operatorSecret: operator.secretAccessKey,
  };
}

async function userKey(sandboxUrl: string, accountId: string): Promise<AccessKey> {
  const { iam } = accountClients(sandboxUrl, accountId);
  await iam.send(new CreateUserCommand({ UserName: 'exporter' }));
  return createAccessKey(iam, 'exporter');
}

async function temporaryKey(sandboxUrl: string) {
  const credentials = await userKey(sandboxUrl, acme);
  const sts = new STSClient({ endpoint: sandboxUrl, region: 'us-east-1', credentials });
  const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
  return { ...Credentials };
}

/** Asks for all tables at once, whichever there are. */
async function rowsOf(database: pg.Client): Promise<() => Promise<unknown>> {
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'causeway' and table_name not in ('api_keys', 'connect_sessions')`,
  );
  const hashes = rows.map(
    ({ name }) =>
      `select '${name}' as name, md5(string_agg(t::text, '|' order by t::text)) from causeway.${name} t`,
  );
  const query = { name: 'rows', text: hashes.join(' union all ') };
  return async () => (await database.query(query)).rows;
}

function alteredEnd(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
}
