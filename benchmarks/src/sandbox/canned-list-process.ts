/** Answers every request with one page of a listing that was read before: what the SDK itself can do at most. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [file = ''] = process.argv.slice(2);
const page = readFileSync(file);

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': page.length });
  response.end(page);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());
