import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Algorithm = 'RS256' | 'ES256';

/** An OpenID Connect issuer for tests: a real server with real keys. */
export interface Issuer {
  readonly url: string;
  /** The URL without its scheme: the name of its provider in IAM. */
  readonly name: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** Signs a token; claims given replace the usual ones, undefined leaves them out. */
  readonly token: (claims?: Readonly<Record<string, unknown>>, header?: TokenHeader) => string;
  /** Publishes new keys and signs by them from now on. */
  readonly rotate: () => void;
  readonly close: () => Promise<void>;
}

interface TokenHeader {
  readonly alg?: Algorithm;
  /** Signs with a key that is not published. */
  readonly forged?: boolean;
  readonly kid?: string;
}

type Keys = Readonly<
  Record<Algorithm, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>
>;

export async function startIssuer(path = ''): Promise<Issuer> {
  let keys = makeKeys();
  let generation = 1;
  let asked = 0;
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}${path}`;
    if (request.url === `${path}/.well-known/openid-configuration`) {
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
      return;
    }
    asked += 1;
    response.statusCode = request.url === `${path}/keys` ? 200 : 404;
    response.end(JSON.stringify({ keys: published(keys, generation) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return {
    url,
    name: url.slice('http://'.length),
    asked: () => asked,
    token: (claims, header) => makeToken({ iss: url, ...claims }, keys, generation, header),
    rotate: () => {
      keys = makeKeys();
      generation += 1;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeKeys(): Keys {
  return {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
}

function published(keys: Keys, generation: number): object[] {
  return Object.entries(keys).map(([alg, { publicKey }]) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: `${alg}-${generation}`,
    use: 'sig',
    alg,
  }));
}

function makeToken(
  claims: Readonly<Record<string, unknown>>,
  keys: Keys,
  generation: number,
  { alg = 'RS256', forged = false, kid = `${alg}-${generation}` }: TokenHeader = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { aud: 'causeway', sub: 'worker-1', iat: now, exp: now + 600 };
  const signed = [
    { typ: 'JWT', alg, kid },
    { ...usual, ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const { privateKey } = (forged ? makeKeys() : keys)[alg];
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}
