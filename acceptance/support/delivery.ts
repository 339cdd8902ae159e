import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Target } from './target.ts';

export interface Recipient {
  customerId: string;
  state: string;
  rows: number;
  sequence: number;
  manifestKey: string;
}
export interface Run {
  id: string;
  createdAt: string;
  state: string;
  recipients: Recipient[];
}
export interface Manifest {
  runId: string;
  mode: string;
  window: { from: string | null; to: string };
  schema: { name: string; type: string }[];
  rows: number;
  sequence: number;
  previousRunId: string | null;
  files: { key: string; rows: number; sha256: string; bytes: number }[];
  signature: { publicKeyId: string; value: string };
}
type Server = Pick<Target, 'url' | 'apiKey' | 'call'>;

/** Starts a run, of a window if one is given, and follows its events until it has succeeded. */
export async function runToEnd(
  server: Server,
  deliveryId: string,
  window?: Manifest['window'],
): Promise<Run> {
  const body = window ? { window } : {};
  const started = await server.call<Run>('POST', `/v1/deliveries/${deliveryId}/runs`, body);
  assert.equal(started.status, 202, JSON.stringify(started.body));
  return followToEnd(server, started.body.id);
}

/** Follows the events of a run until it has succeeded. */
export async function followToEnd(server: Server, runId: string): Promise<Run> {
  const events = await fetch(`${server.url}/v1/runs/${runId}/progress`, {
    headers: { authorization: `Bearer ${server.apiKey}` },
  });
  assert.match(events.headers.get('content-type') ?? '', /^text\/event-stream/);
  await events.text();
  const { body: run } = await server.call<Run>('GET', `/v1/runs/${runId}`);
  assert.equal(run.state, 'succeeded', JSON.stringify(run));
  return run;
}

/** Reads a manifest, once its signature fits a public key that the server publishes. */
export async function verifiedManifest(server: Server, text: Buffer): Promise<Manifest> {
  const manifest = JSON.parse(text.toString()) as Manifest;
  const keySet = (await (await fetch(`${server.url}/.well-known/causeway-keys.json`)).json()) as {
    keys: { id: string; publicKey: string }[];
  };
  const { signature, ...unsigned } = manifest;
  const key = keySet.keys.find(({ id }) => id === signature.publicKeyId);
  const x = Buffer.from(key?.publicKey ?? '', 'base64').toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.from(canonical(unsigned));
  assert.ok(verify(null, signed, publicKey, Buffer.from(signature.value, 'base64')));
  return manifest;
}

/** Asserts that every file is as its manifest says. */
export async function assertUnchanged(
  { files }: Manifest,
  read: (key: string) => Promise<Buffer>,
): Promise<void> {
  for (const { key, sha256, bytes } of files) {
    const content = await read(key);
    assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
    assert.equal(content.length, bytes);
  }
}

/** JSON as the signature covers it: members sorted, no white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
