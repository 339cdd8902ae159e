import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The public address of an issuer: a proxy that lets out its two documents and nothing else. */
export interface IssuerFront {
  readonly url: string;
  /** What stands behind it; null: nobody answers. */
  origin: string | null;
  /** Answered in the place of what stands behind, by path. */
  readonly instead: Map<string, object>;
  close(): Promise<void>;
}

export async function startIssuerFront(): Promise<IssuerFront> {
  const front = { origin: null as string | null, instead: new Map<string, object>() };
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const answer = async () => {
      const fixed = front.instead.get(path);
      if (fixed) return response.end(JSON.stringify(fixed));
      const isPublic = path.startsWith('/.well-known/');
      if (front.origin === null || !isPublic) return response.writeHead(404).end();
      const found = await fetch(`${front.origin}${path}`);
      return response.writeHead(found.status).end(await found.text());
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(front, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
