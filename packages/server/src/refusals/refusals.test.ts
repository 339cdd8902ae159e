import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  CausewayError,
  type Connection,
  type Customer,
  ErrorBody,
  guideDocument,
  type SetupGuide,
} from '@causeway/contract';
import type { RequestRecord } from '@causeway/sandbox';
import { parseConfiguration } from '../configuration.ts';
import {
  browserOrigin,
  openRefusalStage,
  type RefusalStage,
  sendTo,
} from '../testing/refusal-stage.ts';

/** Requests that are refused, as data: to add one is to add an object to a file of `cases/`. */
interface CaseFile {
  readonly about: string;
  /** The request of each case that names no other. */
  readonly line: string;
  /** What the body of each case starts from. */
  readonly given: object;
  readonly cases: readonly Refusal[];
}

interface Refusal {
  /** A number of the threat model. */
  readonly threat: string;
  readonly name: string;
  /** Who asks, by the callers of the stage; the operator unless said. */
  readonly as?: string;
  readonly line?: string;
  readonly given?: object;
  readonly body?: object;
  /** The body as it stands, in the place of `given` and `body`. */
  readonly raw?: string;
  readonly contentType?: string;
  /** Status and code. */
  readonly expect: string;
  /** The fields that are named as wrong, all of them, in alphabetical order. */
  readonly names?: readonly string[];
  /** Part of the message. */
  readonly says?: string;
  /** What this caller may hear of the other customer. */
  readonly tells?: readonly string[];
}

let opened: RefusalStage;
/** Spoken to by nobody but an endpoint that sends its callers on. */
let visitors = 0;
const trap = createServer((_request, response) => {
  visitors += 1;
  response.end();
});
const turnstile = createServer((request, response) => {
  const { port } = trap.address() as AddressInfo;
  response.writeHead(307, { location: `http://127.0.0.1:${port}${request.url}` }).end();
});

before(async () => {
  for (const server of [trap, turnstile]) {
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
  }
  const { port } = turnstile.address() as AddressInfo;
  opened = await openRefusalStage([
    's3.example.com',
    '*.stores.example',
    'minio.example.com:9000',
    `http://127.0.0.1:${port}`,
  ]);
});
after(async () => {
  await opened?.close();
  for (const server of [trap, turnstile]) server.close();
});

/** Puts in values of the stage, and `{x*5}` as `xxxxx`. */
function filled(text: string): string {
  return text
    .replaceAll(/\{(.)\*(\d+)\}/gu, (_, letter: string, count: string) =>
      letter.repeat(Number(count)),
    )
    .replaceAll(/\{(\w+)\}/g, (whole, name: string) => opened.values[name] ?? whole);
}

async function send(refusal: Refusal, file: Pick<CaseFile, 'line' | 'given'>) {
  const line = refusal.line ?? file.line;
  const body = refusal.raw ?? JSON.stringify({ ...(refusal.given ?? file.given), ...refusal.body });
  const { as = 'operator', contentType } = refusal;
  const token = opened.callers[as];
  assert.ok(token !== undefined, `There is no caller "${as}"`);
  const sent = filled(body);
  const response = await sendTo(opened.server.url, filled(line), {
    body: sent,
    token,
    ...(contentType !== undefined && { contentType }),
  });
  return { status: response.status, text: await response.text(), sent };
}

/** What was changed in AWS, in any account. */
async function changedInAws(): Promise<string[]> {
  const answer = await fetch(`${opened.stage.sandbox.url}/_sandbox/requests?last=5000`);
  const { requests } = (await answer.json()) as { requests: RequestRecord[] };
  return requests
    .filter(({ operation }) => !/^(Get|List|Head)/.test(operation ?? ''))
    .map(({ id, operation }) => `${id} ${operation}`);
}

function issuesOf({ details }: ErrorBody['error']): string[] {
  const { issues = [] } = (details ?? {}) as { issues?: readonly { path: string }[] };
  return [...new Set(issues.map(({ path }) => path))].toSorted();
}

/** What only the other customer and the operator may know. */
const secrets = ['Globex', 'Secret project', '{rival}', '{rivalConnection}', '{rivalSecret}'];

function assertTellsNothing(text: string, sent: string, { tells = [] }: Refusal): void {
  assert.doesNotMatch(text, /\.ts:\d+|node_modules|select .* from/i);
  for (const secret of secrets.filter((each) => !tells.includes(each)).map(filled)) {
    assert.ok(sent.includes(secret) || !text.includes(secret), `tells "${secret}": ${text}`);
  }
  const { secretAccessKey } = JSON.parse(/^\{.*"secretAccessKey"/.test(sent) ? sent : '{}');
  if (typeof secretAccessKey !== 'string' || secretAccessKey.length < 8) return;
  assert.ok(!text.includes(secretAccessKey), 'repeats the secret');
}

const folder = new URL('./cases/', import.meta.url);

for (const name of readdirSync(folder)) {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CaseFile;
  describe(`${name}: ${file.about}`, () => {
    let unchanged: unknown;
    before(async () => {
      unchanged = await Promise.all([opened.rows(), changedInAws()]);
    });
    for (const refusal of file.cases) {
      it(`${refusal.threat}: refuses ${refusal.name}`, async () => {
        const { status, text, sent } = await send(refusal, file);

        assert.ok(status >= 400, `accepted: ${text}`);
        const { error } = ErrorBody.parse(JSON.parse(text));
        assert.equal(`${status} ${error.code}`, refusal.expect, text);
        assert.deepEqual(issuesOf(error), refusal.names ?? issuesOf(error), error.message);
        assert.ok(error.message.includes(filled(refusal.says ?? '')), error.message);
        assert.ok(error.hint.length > 10, 'there is no hint');
        assertTellsNothing(text, sent, refusal);
        assert.deepEqual(await Promise.all([opened.rows(), changedInAws()]), unchanged);
      });
    }
  });
}

describe('endpoints that lead elsewhere (T1, SSRF)', () => {
  const spellings = JSON.parse(
    readFileSync(
      new URL('../../../objectstore/src/endpoints/refused-endpoints.json', import.meta.url),
      'utf8',
    ),
  ) as [string, string][];

  it('are refused in every spelling, with the field or the endpoint named', async () => {
    const before = await opened.rows();
    assert.ok(spellings.length > 80);
    for (const [name, endpoint] of spellings) {
      const body = { customerId: '{customer}', access: 'access_key', endpoint };
      const { status, text } = await send(
        { threat: 'T1', name, body, expect: '' },
        { line: 'POST /v1/connections', given: {} },
      );
      const { error } = ErrorBody.parse(JSON.parse(text));
      if (status === 400) assert.deepEqual(issuesOf(error), ['endpoint'], `${name}: ${text}`);
      else assert.equal(`${status} ${error.code}`, '422 endpoint_not_allowed', `${name}: ${text}`);
    }
    assert.deepEqual(await opened.rows(), before);
  });

  it('cannot send us on to another address', async () => {
    const { port } = turnstile.address() as AddressInfo;
    const { id } = await opened.call<Connection>('POST /v1/connections', {
      customerId: filled('{customer}'),
      access: 'access_key',
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      location: 's3://elsewhere/causeway/',
    });
    const key = { accessKeyId: 'someone', secretAccessKey: 'something-secret' };
    await opened.call(`POST /v1/connections/${id}/access-keys`, key);

    const report = await opened.call<{ outcome: string }>(`POST /v1/connections/${id}/check`);

    assert.notEqual(report.outcome, 'healthy');
    assert.equal(visitors, 0);
  });
});

describe('origins of pages that use buckets from browsers (T14)', () => {
  const origins = JSON.parse(
    readFileSync(new URL('./browser-origins.json', import.meta.url), 'utf8'),
  ) as [string, string][];
  const parse = (CAUSEWAY_BROWSER_ORIGINS: string) =>
    parseConfiguration({ CAUSEWAY_BROWSER_ORIGINS });

  for (const [name, origin] of origins) {
    it(`are not ${name}`, () => {
      assert.throws(
        () => parse(origin),
        (error) =>
          CausewayError.is(error, 'configuration_invalid') &&
          error.message.includes('CAUSEWAY_BROWSER_ORIGINS'),
      );
    });
  }

  it('stand in the guide of a connection that browses, and no others', async () => {
    const { id } = await opened.call<Connection>('POST /v1/connections', {
      customerId: filled('{customer}'),
      accountId: '222222222222',
      location: 's3://acme-files/causeway/',
      capabilities: ['browse'],
    });

    const guide = await opened.call<SetupGuide>(`GET /v1/connections/${id}/setup-guide`);

    const { CORSRules } = guideDocument(guide, 'cors') as {
      CORSRules?: { AllowedOrigins: string[] }[];
    };
    assert.deepEqual(
      CORSRules?.map(({ AllowedOrigins }) => AllowedOrigins),
      [[browserOrigin]],
    );
  });

  it('are exact ones', () => {
    const list = ['https://app.example.com', 'https://a-b.example:8443', 'http://localhost:3000'];
    assert.deepEqual(parse(list.join(', ')).browserOrigins, list);
  });
});

describe('a place or role that another customer has (T1, T4)', () => {
  const others = ['{rivalConnection}', '{customer}', '{rival}'];

  /** What is the request's own is made the same. */
  const comparable = (text: string, named: string) =>
    text.replaceAll(named, 'NAMED').replace(/"requestId":"req_\w+"/, '');

  it('is answered for byte by byte alike, whoever has it and by whatever access', async () => {
    const reference = 'initech';
    const { id: customerId } = await opened.call<Customer>('POST /v1/customers', {
      name: 'Initech of Austin, a customer with quite another name',
      reference,
    });
    const taken = { customerId, access: 'access_key', location: 's3://initek-data/causeway/' };
    const { id } = await opened.call<Connection>('POST /v1/connections', taken);
    await opened.call(`PATCH /v1/connections/${id}`, { paused: true, name: 'Other' });

    for (const path of ['causeway/', 'causeway/inner/', '']) {
      const answers = await Promise.all(
        ['globex-data', 'initek-data'].flatMap((bucket) => [
          sent(bucket, 'POST /v1/connections', {
            customerId: filled('{customer}'),
            accountId: '222222222222',
            location: `s3://${bucket}/${path}`,
          }),
          sent(bucket, 'PATCH /v1/connect/connection', { bucket: `s3://${bucket}/`, prefix: path }),
        ]),
      );

      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      for (const name of [...others.map(filled), id, reference]) {
        assert.ok(!answers[0]?.includes(name), answers[0]);
      }
    }
  });

  it('is answered for alike when it is a role, whether its connection has a place or not', async () => {
    const theirs = { name: 'Hooli', reference: 'hooli' };
    const { id: customerId } = await opened.call<Customer>('POST /v1/customers', theirs);
    const another = 'arn:aws:iam::444444444444:role/another';
    const taken = { customerId, access: 'web_identity', roleArn: another };
    await opened.call('POST /v1/connections', taken);

    const [one, other] = await Promise.all(
      ['arn:aws:iam::333333333333:role/vendor/shared', another].map((roleArn) =>
        sent(roleArn, 'POST /v1/connections', { customerId: filled('{customer}'), roleArn }),
      ),
    );

    assert.match(one ?? '', /^422 .*not_verifiable/);
    assert.equal(one, other);
  });

  async function sent(named: string, line: string, body: object): Promise<string> {
    const as = line.includes('/connect/') ? 'session' : 'operator';
    const refusal = { threat: 'T4', name: named, as, line, body, expect: '' };
    const { status, text } = await send(refusal, { line, given: {} });
    return `${status} ${comparable(text, named)}`;
  }
});
