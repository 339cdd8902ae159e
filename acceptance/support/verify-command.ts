import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Keys } from './customer-user.ts';
import { openCommand } from './target.ts';

export interface Verified {
  readonly verdict: string;
  readonly manifest: { readonly rows: number };
  readonly findings: readonly { readonly title: string; readonly verdict: string }[];
}

export interface Receiver {
  readonly credentials: Keys;
  /** Whose bucket it is: not the receiver's own where the operator made it. */
  readonly owner: string;
  readonly endpoint: string;
  /** Where the sender's public keys are. */
  readonly keysUrl: string;
}

/** Runs `causeway verify` as the receiver of a delivery, on its own machine. */
export async function runVerify(location: string, receiver: Receiver): Promise<Verified[]> {
  const { credentials, owner, endpoint, keysUrl } = receiver;
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-receiver-'));
  const where = ['--owner', owner, '--endpoint-url', endpoint, '--keys', keysUrl];
  const { child } = openCommand(['verify', location, ...where, '--json'], {
    CAUSEWAY_DATA_DIR: dataDir,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  });
  assert.ok(child.stdout);
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  await rm(dataDir, { recursive: true, force: true });
  assert.equal(code, 0, printed);
  return JSON.parse(printed);
}
