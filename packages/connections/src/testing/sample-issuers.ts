import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIssuer, type TokenIssuer } from '../web-identity/issuer.ts';
import { issuerKeysInMemory } from './issuer-keys-in-memory.ts';
import { issuer as sample } from './sample-customer.ts';

/** An issuer of this Causeway, and what is found at its address. */
export interface SampleIssuer {
  readonly tokens: TokenIssuer;
  publishes: 'its keys' | 'other keys' | 'nothing';
}

/** As many issuers as there are setups, on one server, with the same keys. */
export interface SampleIssuers {
  readonly add: () => SampleIssuer;
  readonly close: () => Promise<void>;
}

export async function startSampleIssuers(): Promise<SampleIssuers> {
  const kept = await issuerKeysInMemory();
  const issuers: SampleIssuer[] = [];
  const server = createServer((request, response) => {
    const [, index = '', path = ''] = /^\/(\d+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const issuer = issuers[Number(index)];
    const answer = async () => {
      if (!issuer || issuer.publishes === 'nothing') return null;
      if (path === '/.well-known/openid-configuration') return issuer.tokens.discovery;
      if (path !== '/.well-known/jwks.json') return null;
      return issuer.publishes === 'its keys' ? issuer.tokens.publicKeys() : { keys: [] };
    };
    answer().then(
      (found) => response.writeHead(found ? 200 : 404).end(JSON.stringify(found)),
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    add() {
      const url = `${origin}/${issuers.length}`;
      const tokens = createIssuer({ url, audience: sample.audience, ...kept });
      const issuer: SampleIssuer = { tokens, publishes: 'its keys' };
      issuers.push(issuer);
      return issuer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
