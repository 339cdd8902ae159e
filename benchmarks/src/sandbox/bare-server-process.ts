/** What the sandbox is measured against: a server that does nothing but move bytes between network and disk. */
import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const server = createServer((request, response) => {
  void serve(request, response);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = join(folder, basename(request.url ?? ''));
  if (request.method === 'PUT') {
    await pipeline(request, createWriteStream(file));
    response.end();
  } else {
    response.writeHead(200, { 'content-length': statSync(file).size });
    await pipeline(createReadStream(file), response);
  }
}

server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());
