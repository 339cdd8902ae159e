import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface Shim {
  readonly url: string;
  stop(): Promise<void>;
}

/** Whose an access key is. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/**
 * A proxy before Ceph's gateway that supplies the four things it lacks for the
 * role flow; everything else passes as it is, and the gateway alone decides.
 *
 * - The gateway takes `sts:ExternalId` in a trust policy and never fills it in, so
 *   that a policy with it refuses everyone. It does fill in `aws:Referer`, from a
 *   header that SDKs neither send nor sign: the proxy puts the external ID there,
 *   and {@link forCeph} writes trust policies accordingly. The condition is enforced
 *   by the gateway; only the key's name is ours.
 * - Errors of STS and IAM are wrapped as AWS wraps them: SDKs find no code otherwise.
 * - A bucket of a tenant is not found by whoever does not sign, where AWS, whose bucket
 *   names are global, says 403: so an unsigned HEAD is answered.
 * - GetCallerIdentity, which the gateway does not know, is answered from `known`
 *   keys and from the answers to AssumeRole that came by. Signatures are not looked at.
 */
export async function startExternalIdShim(
  gateway: string,
  known: Readonly<Record<string, Identity>>,
): Promise<Shim> {
  const identities = new Map(Object.entries(known));
  const server = createServer((incoming, outgoing) => {
    relay(incoming, outgoing, gateway, identities).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface TrustPolicy {
  readonly Statement: readonly {
    readonly Principal: unknown;
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

/**
 * A trust policy as the gateway behind the shim enforces it: the external ID by the
 * key that it fills in, and, as it knows no `aws:PrincipalArn`, the principal of that
 * condition named as the principal itself.
 */
export function forCeph<T extends TrustPolicy>(trustPolicy: T): object {
  const statements = trustPolicy.Statement.map(({ Condition = {}, ...statement }) => {
    const { ArnEquals, StringEquals } = Condition;
    const arn = ArnEquals?.['aws:PrincipalArn'];
    const externalId = StringEquals?.['sts:ExternalId'];
    return {
      ...statement,
      ...(arn !== undefined && { Principal: { AWS: arn } }),
      ...(externalId !== undefined && {
        Condition: { StringEquals: { 'aws:Referer': externalId } },
      }),
    };
  });
  return { ...trustPolicy, Statement: statements };
}

async function relay(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gateway: string,
  identities: Map<string, Identity>,
): Promise<void> {
  if (incoming.method === 'HEAD' && incoming.headers.authorization === undefined) {
    outgoing.writeHead(403).end();
    return;
  }
  const isQuery = (incoming.headers['content-type'] ?? '').includes('x-www-form-urlencoded');
  if (!isQuery) return passOn(incoming, outgoing, gateway);
  const body = await buffer(incoming);
  const asked = new URLSearchParams(body.toString());
  const action = asked.get('Action');
  if (action === 'GetCallerIdentity') return tellIdentity(incoming, outgoing, identities);
  const answer = await ask(gateway, incoming, asked.get('ExternalId'), body);
  const text = (await buffer(answer)).toString();
  if (action === 'AssumeRole') remember(text, identities);
  send(outgoing, answer.statusCode ?? 502, wrapped(text));
}

async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gateway: string,
): Promise<void> {
  const sent = openRequest(gateway, incoming, null);
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await Promise.race([pipeline(incoming, sent), answered]);
  const [answer] = await answered;
  outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  await pipeline(answer, outgoing);
}

async function ask(
  gateway: string,
  incoming: IncomingMessage,
  externalId: string | null,
  body: Buffer,
): Promise<IncomingMessage> {
  const sent = openRequest(gateway, incoming, externalId);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

function openRequest(gateway: string, incoming: IncomingMessage, externalId: string | null) {
  const headers: string[] = externalId === null ? [] : ['Referer', externalId];
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = incoming.rawHeaders.slice(i, i + 2);
    if (!/^(referer|connection)$/i.test(name)) headers.push(name, value);
  }
  const options = { method: incoming.method, headers, setHost: false };
  return request(new URL(incoming.url ?? '/', gateway), options);
}

function tellIdentity(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  identities: ReadonlyMap<string, Identity>,
): void {
  const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
  const identity = identities.get(key);
  if (!identity) {
    const error = '<Error><Type>Sender</Type><Code>InvalidClientTokenId</Code></Error>';
    send(outgoing, 403, `<ErrorResponse>${error}</ErrorResponse>`);
    return;
  }
  const { account, arn } = identity;
  const result = `<Arn>${arn}</Arn><UserId>${key}</UserId><Account>${account}</Account>`;
  send(
    outgoing,
    200,
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
}

/** Of a session, as the gateway told it to whoever assumed the role. */
function remember(answer: string, identities: Map<string, Identity>): void {
  const key = textIn(answer, 'AccessKeyId');
  const arn = textIn(answer, 'Arn');
  if (key && arn) identities.set(key, { account: arn.split(':')[4] ?? '', arn });
}

function wrapped(text: string): string {
  const error = /<Error>[\s\S]*<\/Error>/.exec(text)?.[0];
  if (!error || text.includes('<ErrorResponse')) return text;
  const typed = error.replace('<Error>', '<Error><Type>Sender</Type>');
  const id = textIn(text, 'RequestId') ?? '';
  return `<ErrorResponse>${typed}<RequestId>${id}</RequestId></ErrorResponse>`;
}

function textIn(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

function send(outgoing: ServerResponse, status: number, text: string): void {
  const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(text) };
  outgoing.writeHead(status, headers).end(text);
}
