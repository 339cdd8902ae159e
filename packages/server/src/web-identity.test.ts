import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createIssuer, openKeyRing, parseKeyFile, secretVault } from '@causeway/connections';
import {
  CausewayError,
  type CheckReport,
  type Connection,
  type ConnectionBy,
  type Customer,
  type Dataset,
  type Delivery,
  ErrorBody,
  guideDocument,
  type IssuerState,
  type Run,
  type SetupGuide,
} from '@causeway/contract';
import { assumeRoleWithWebIdentity } from '@causeway/objectstore';
import {
  accountClients,
  addAudience,
  registerIssuer,
  replaceTrustPolicy,
} from '@causeway/sandbox/clients';
import type { Configuration } from './configuration.ts';
import { type Server, startServer } from './start-server.ts';
import { apiOf } from './testing/api-of.ts';
import { type IssuerFront, startIssuerFront } from './testing/issuer-front.ts';
import { openTestStage, type TestStage } from './testing/test-stage.ts';

const acme = '222222222222';
const globex = '333333333333';
const audience = 'sts.amazonaws.com';

let stage: TestStage;
let front: IssuerFront;
let server: Server;
let configuration: Configuration;
let apiKey = '';
const environment = { ...process.env };

before(async () => {
  // What the SDK's chain would find on the machine of whoever runs the tests.
  for (const name of Object.keys(process.env))
    if (name.startsWith('AWS_')) delete process.env[name];
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
  process.env['AWS_CONFIG_FILE'] = '/nonexistent';
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nonexistent';
  [stage, front] = await Promise.all([openTestStage(), startIssuerFront()]);
  const given = stage.configuration;
  configuration = {
    ...given,
    issuer: { url: front.url, audience },
    webIdentityTokenFile: join(given.dataDir, 'token'),
    webIdentityProbeTokenFiles: [
      join(given.dataDir, 'token-of-another-subject'),
      join(given.dataDir, 'token-for-another-audience'),
    ],
    aws: { ...given.aws, credentials: null },
  };
  await start();
});
after(async () => {
  Object.assign(process.env, environment);
  await server?.close();
  await front?.close();
  await stage?.close();
});

async function start(change: Partial<Configuration> = {}): Promise<void> {
  server = await startServer({ configuration: { ...configuration, ...change }, log: () => {} });
  apiKey = server.firstApiKey ?? apiKey;
  front.origin = server.url;
}

const { send, call } = apiOf(() => ({ url: server.url, apiKey }));

async function refusal(line: string, body?: object) {
  const { text } = await send(line, body);
  const { error } = ErrorBody.parse(JSON.parse(text));
  return error;
}

let made = 0;
let datasets = 0;

/** Where flights start from. */
const origins = [
  'SFO',
  'LAX',
  'ORD',
  'DFW',
  'ATL',
  'PHX',
  'LAS',
  'DEN',
  'BOS',
  'SEA',
  'IAH',
  'MSP',
];

/** A customer whose reference is among the origins of the flights, and its draft. */
async function newConnection(accountId: string, change: object = {}) {
  const reference = origins[made] ?? '';
  const customer = await call<Customer>('POST /v1/customers', { name: reference, reference });
  const connection = await call<ConnectionBy<'web_identity'>>('POST /v1/connections', {
    customerId: customer.id,
    access: 'web_identity',
    location: `s3://web-identity-${made++}/causeway/`,
    accountId,
    ...change,
  });
  const guide = await call<SetupGuide>(`GET /v1/connections/${connection.id}/setup-guide`);
  return { customer, connection, guide };
}

const check = (id: string) => call<CheckReport>(`POST /v1/connections/${id}/check`);

const faults = (report: CheckReport) =>
  report.steps
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
    .map(({ id, verdict, cause }) => `${id}: ${verdict} ${cause}`);

async function deliver(customer: Customer): Promise<Run> {
  const dataset = await call<Dataset>('POST /v1/datasets', {
    name: `flights-${++datasets}`,
    source: { type: 'file', path: stage.flightsFile },
    customerColumn: 'origin',
  });
  const order = { name: dataset.name, datasetId: dataset.id, customerIds: [customer.id] };
  const delivery = await call<Delivery>('POST /v1/deliveries', order);
  const { id } = await call<Run>(`POST /v1/deliveries/${delivery.id}/runs`);
  await send(`GET /v1/runs/${id}/progress`);
  return call<Run>(`GET /v1/runs/${id}`);
}

const published = async () =>
  (await (await fetch(`${front.url}/.well-known/jwks.json`)).json()) as {
    keys: Record<string, string>[];
  };

/** The issuer as another process on the same database and key file has it. */
async function secondProcess(change: { url?: string; now?: () => Date } = {}) {
  const file = join(configuration.dataDir, 'keys', 'secrets.keys');
  const ring = await openKeyRing({
    readKeys: async () => parseKeyFile(await readFile(file, 'utf8')),
  });
  return createIssuer({
    url: front.url,
    audience,
    keys: server.store.issuerKeys,
    secrets: secretVault(ring, server.store.secrets),
    ...change,
  });
}

const show = (token: string, { roleArn }: { readonly roleArn: string | null }) =>
  assumeRoleWithWebIdentity({
    token,
    roleArn: roleArn ?? '',
    sessionName: 'test',
    region: 'us-east-1',
    endpoint: stage.sandbox.url,
  });

describe('a server without an AWS account', () => {
  it('refuses what needs one, and says what to configure', async () => {
    const { id } = await call<Customer>('POST /v1/customers', { name: 'X', reference: 'x' });
    const shared = { customerId: id, accountId: acme };

    for (const body of [
      { access: 'role', location: 's3://x-bucket/' },
      { access: 'bucket_policy', resourceId: 'acme' },
      { access: 'operator_role', resourceId: 'acme' },
    ]) {
      const error = await refusal('POST /v1/connections', { ...shared, ...body });
      assert.equal(error.code, 'operator_account_missing', body.access);
      assert.match(error.hint, /AWS_ACCESS_KEY_ID/);
    }
    const { items } = await call<{ items: Connection[] }>('GET /v1/connections');
    assert.deepEqual(items, []);
  });

  it('makes one key however many ask first, and shows its public half alone', async () => {
    const other = await secondProcess();
    await Promise.all([other.publicKeys(), other.state(), published(), published()]);

    const discovery = await fetch(`${front.url}/.well-known/openid-configuration`);
    const { keys } = await published();

    const document = (await discovery.json()) as { issuer: string; jwks_uri: string };
    assert.equal(document.issuer, front.url);
    assert.equal(document.jwks_uri, `${front.url}/.well-known/jwks.json`);
    assert.equal(keys.length, 1);
    assert.deepEqual(Object.keys(keys[0] ?? {}).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const direct = await fetch(`${server.url}/.well-known/jwks.json`);
    assert.equal(direct.headers.get('cache-control'), 'public, max-age=300');
  });

  it('finds step by step what is missing, and delivers once nothing is', async () => {
    const { customer, connection, guide } = await newConnection(acme);
    const { iam } = accountClients(stage.sandbox.url, acme);
    const stepOf = async () =>
      (await check(connection.id)).steps.find(({ verdict }) => verdict === 'failed');

    const unregistered = await stepOf();
    await registerIssuer(iam, front.url, ['another']);
    const unlisted = await stepOf();
    await addAudience(iam, front.url, audience);
    const without = await stepOf();
    await stage.setUp(guide);
    const report = await check(connection.id);

    assert.equal(unregistered?.cause, 'oidc_provider_missing');
    assert.match(unregistered.fix?.text ?? '', /create-open-id-connect-provider --url http/);
    assert.equal(unlisted?.cause, 'oidc_audience_missing');
    assert.equal(without?.cause, 'role_not_assumable');
    assert.deepEqual(without.fix?.policy, guideDocument(guide, 'trustPolicy'));
    assert.deepEqual(faults(report), []);
    assert.equal(report.outcome, 'healthy');
    const run = await deliver(customer);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.recipients));
  });

  it('lets nobody in with the token of another connection', async () => {
    const first = await newConnection(globex);
    const second = await newConnection(globex);
    await registerIssuer(accountClients(stage.sandbox.url, globex).iam, front.url, [audience]);
    await Promise.all([stage.setUp(first.guide), stage.setUp(second.guide)]);
    const issuer = await secondProcess();

    const { subject } = first.connection;
    const own = await show(await issuer.sign({ audience, subject }), first.connection);
    const foreign = await show(await issuer.sign({ audience, subject }), second.connection);

    assert.ok(own.ok);
    assert.ok(!foreign.ok);
    assert.equal(foreign.code, 'AccessDenied');
  });

  it('never activates a role that takes any subject, or another audience', async () => {
    const { connection, guide } = await newConnection(acme);
    const { iam } = accountClients(stage.sandbox.url, acme);
    await stage.setUp(guide);
    const trust = JSON.stringify(guideDocument(guide, 'trustPolicy'));
    const replace = async (text: string) =>
      replaceTrustPolicy(iam, connection.roleName, JSON.parse(text));
    const without = (claim: 'sub' | 'aud') => {
      const policy = JSON.parse(trust);
      delete policy.Statement[0].Condition.StringEquals[`${new URL(front.url).host}:${claim}`];
      return JSON.stringify(policy);
    };

    await replace(without('sub'));
    const anySubject = await check(connection.id);
    await replace(
      trust.replace(/"StringEquals":(\{.*?\})/, `"StringLike":$1`).replace(connection.subject, '*'),
    );
    const pattern = await check(connection.id);
    await replace(without('aud'));
    await addAudience(iam, front.url, front.url);
    const anyAudience = await check(connection.id);
    await replace(trust);
    const mended = await check(connection.id);

    for (const report of [anySubject, pattern]) {
      assert.equal(report.outcome, 'insecure');
      assert.deepEqual(faults(report), ['web_identity.subject_wrong: failed subject_not_enforced']);
    }
    assert.equal(anyAudience.outcome, 'insecure');
    assert.deepEqual(faults(anyAudience), [
      'web_identity.audience_wrong: failed audience_not_enforced',
    ]);
    assert.equal(mended.outcome, 'healthy');
  });

  it('notices that its public address shows the documents of somebody else', async () => {
    const { connection, guide } = await newConnection(acme);
    await stage.setUp(guide);
    front.instead.set('/.well-known/jwks.json', { keys: [] });
    const foreign = await check(connection.id);
    front.instead.clear();
    front.origin = null;
    const notFound = await check(connection.id);
    front.origin = server.url;

    for (const report of [foreign, notFound]) {
      assert.deepEqual(faults(report), ['issuer.keys: failed issuer_keys_differ']);
      assert.equal(report.steps.find(({ id }) => id === 'issuer.keys')?.side, 'operator');
    }
  });
});

describe('the keys of the issuer', () => {
  it('are rotated without a token being refused, or at once with all tokens withdrawn', async () => {
    const { customer, connection, guide } = await newConnection(acme);
    await stage.setUp(guide);
    assert.equal((await check(connection.id)).outcome, 'healthy');
    const before = (await published()).keys.map(({ kid }) => kid);

    const ahead = await call<IssuerState>('POST /v1/issuer/rotate', {});
    const again = await call<IssuerState>('POST /v1/issuer/rotate', {});
    const meanwhile = await deliver(customer);
    const old = await (await secondProcess()).sign({ audience, subject: connection.subject });
    const good = await show(old, connection);
    const leaked = await call<IssuerState>('POST /v1/issuer/rotate', { immediately: true });
    const later = await deliver(customer);
    const withdrawn = await show(old, connection);

    assert.deepEqual(
      ahead.keys.map(({ state }) => state),
      ['signing', 'next'],
    );
    assert.equal(ahead.keys[0]?.id, before[0]);
    assert.deepEqual(again, ahead);
    assert.equal(meanwhile.state, 'succeeded');
    assert.ok(good.ok);
    assert.deepEqual(
      leaked.keys.map(({ state }) => state),
      ['signing'],
    );
    assert.ok(!ahead.keys.some(({ id }) => id === leaked.keys[0]?.id));
    assert.equal(later.state, 'succeeded');
    assert.ok(!withdrawn.ok);
    assert.match(withdrawn.code, /^InvalidIdentityToken/);
  });

  it('outlive a restart, sealed in the database', async () => {
    const { customer, connection, guide } = await newConnection(globex);
    await stage.setUp(guide);
    const before = await published();
    await server.close();
    await start();

    assert.deepEqual(await published(), before);
    assert.equal((await check(connection.id)).outcome, 'healthy');
    assert.equal((await deliver(customer)).state, 'succeeded');
    const sealed = await server.store.secrets.find({
      customerId: null,
      connectionId: null,
      field: `issuer_key/${before.keys[0]?.['kid']}`,
    });
    assert.ok(sealed && !sealed.ciphertext.includes('PRIVATE KEY'));
  });

  it('sign for ten minutes, which STS holds against the clock', async () => {
    const { connection, guide } = await newConnection(globex);
    await stage.setUp(guide);
    const past = await secondProcess({ now: () => new Date(Date.now() - 20 * 60_000) });

    const answer = await show(
      await past.sign({ audience, subject: connection.subject }),
      connection,
    );

    assert.ok(!answer.ok);
    assert.match(answer.code, /^ExpiredToken/);
  });
});

describe('tokens of another issuer', () => {
  it('come from the file, with the subject that it has, and of others it is shown that they are refused', async () => {
    const outside = await startIssuerFront();
    const signer = await secondProcess({ url: outside.url });
    outside.instead.set('/.well-known/openid-configuration', {
      issuer: outside.url,
      jwks_uri: `${outside.url}/.well-known/jwks.json`,
    });
    outside.instead.set('/.well-known/jwks.json', await signer.publicKeys());
    try {
      const subject = 'system:serviceaccount:causeway:worker';
      const file = configuration.webIdentityTokenFile ?? '';
      const create = (change: object = {}) => ({ issuer: outside.url, ...change });
      const { id: customerId } = await call<Customer>('POST /v1/customers', {
        name: 'Y',
        reference: 'y',
      });
      const refusedWith = async (change: object) =>
        (
          await refusal('POST /v1/connections', {
            customerId,
            access: 'web_identity',
            ...create(change),
          })
        ).message;

      const noFile = await refusedWith({});
      await writeFile(file, 'not a token');
      const noToken = await refusedWith({});
      await writeFile(file, await signer.sign({ audience, subject }));
      const otherIssuer = await refusedWith({ issuer: 'https://other.example.com' });
      const otherAudience = await refusedWith({ audience: 'another' });
      const withPort = await refusedWith({ issuer: 'https://other.example.com:8443' });
      const { customer, connection, guide } = await newConnection(acme, create());
      await registerIssuer(accountClients(stage.sandbox.url, acme).iam, outside.url, [audience]);
      await stage.setUp(guide);
      const [otherSubjectFile = '', otherAudienceFile = ''] =
        configuration.webIdentityProbeTokenFiles;
      const withoutFiles = await check(connection.id);
      const own = await signer.sign({ audience, subject });
      await Promise.all([writeFile(otherSubjectFile, own), writeFile(otherAudienceFile, own)]);
      const unproved = await check(connection.id);
      const someoneElse = 'system:serviceaccount:causeway:other';
      await writeFile(otherSubjectFile, await signer.sign({ audience, subject: someoneElse }));
      const halfProved = await check(connection.id);
      await writeFile(otherAudienceFile, await signer.sign({ audience: 'another', subject }));
      const report = await check(connection.id);
      const run = await deliver(customer);
      const { iam } = accountClients(stage.sandbox.url, acme);
      const trust = JSON.stringify(guideDocument(guide, 'trustPolicy'));
      const pattern = trust
        .replace('"StringEquals"', '"StringLike"')
        .replace(subject, 'system:serviceaccount:causeway:*');
      await replaceTrustPolicy(iam, connection.roleName, JSON.parse(pattern));
      const open = await check(connection.id);
      await replaceTrustPolicy(iam, connection.roleName, JSON.parse(trust));
      await writeFile(file, await signer.sign({ audience, subject: 'somebody-else' }));
      const changed = await check(connection.id);

      assert.match(noFile, /cannot be read: ENOENT/);
      assert.match(noToken, /holds no token/);
      assert.match(otherIssuer, /the token file holds one of "http/);
      assert.match(otherAudience, /not for "another"/);
      assert.match(withPort, /without port/);
      assert.equal(connection.subject, subject);
      assert.equal(connection.audience, audience);
      assert.equal(withoutFiles.outcome, 'failing');
      assert.deepEqual(faults(withoutFiles), [
        'web_identity.subject_wrong: failed issuer_not_usable',
        'web_identity.audience_wrong: failed issuer_not_usable',
      ]);
      assert.equal(unproved.outcome, 'failing');
      assert.deepEqual(faults(unproved), [
        'web_identity.subject_wrong: failed refusal_not_provable',
        'web_identity.audience_wrong: warned refusal_not_provable',
      ]);
      assert.equal(halfProved.outcome, 'healthy');
      assert.deepEqual(faults(halfProved), [
        'web_identity.audience_wrong: warned refusal_not_provable',
      ]);
      assert.deepEqual(faults(report), []);
      assert.equal(open.outcome, 'insecure');
      assert.deepEqual(faults(open), ['web_identity.subject_wrong: failed subject_not_enforced']);
      assert.equal(run.state, 'succeeded');
      assert.deepEqual(faults(changed), ['issuer.keys: failed issuer_not_usable']);
    } finally {
      await outside.close();
    }
  });
});

describe('a server that had an AWS account', () => {
  it('does not start without credentials while connections need them', async () => {
    await server.close();
    await start({ aws: stage.configuration.aws });
    const { id } = await call<Customer>('POST /v1/customers', { name: 'Z', reference: 'z' });
    const role = { customerId: id, location: 's3://z-bucket/causeway/', accountId: acme };
    await call('POST /v1/connections', role);
    await server.close();

    await assert.rejects(start(), (error) => {
      assert.ok(CausewayError.is(error, 'configuration_invalid'), String(error));
      assert.match(error.message, /there are no AWS credentials: set AWS_ACCESS_KEY_ID/);
      return true;
    });
  });
});
