import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError } from '@causeway/contract';

/** Where `dev` leaves the address and key of the server, so that commands beside it find it. */
export interface ClientFile {
  readonly url: string;
  readonly apiKey: string;
}

/** The folder for everything that is kept: `CAUSEWAY_DATA_DIR`, or `.causeway` here. */
export function dataDir(): string {
  return variable('CAUSEWAY_DATA_DIR') ?? join(process.cwd(), '.causeway');
}

export function clientFilePath(directory: string = dataDir()): string {
  return join(directory, 'client.json');
}

export interface ServerChoice {
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
}

/**
 * Which server to call, and with which key: flags first, then `CAUSEWAY_URL` and
 * `CAUSEWAY_API_KEY`, then what `dev` left in the data folder. The key that `dev`
 * left is for its own server and goes to no other.
 *
 * @throws CausewayError `unauthorized` when there is no key anywhere.
 */
export function chooseServer(flags: ServerChoice): ClientFile {
  const left = readClientFile();
  const url = flags.url ?? variable('CAUSEWAY_URL') ?? left?.url ?? 'http://127.0.0.1:7070';
  const leftKey = left && isSameServer(left.url, url) ? left.apiKey : undefined;
  const apiKey = flags.apiKey ?? variable('CAUSEWAY_API_KEY') ?? leftKey;
  if (!apiKey) throw new CausewayError('unauthorized', { found: 'nothing' });
  return { url, apiKey };
}

/** What `dev` left here, or null. */
export function readClientFile(directory: string = dataDir()): ClientFile | null {
  try {
    const content: unknown = JSON.parse(readFileSync(clientFilePath(directory), 'utf8'));
    const { url, apiKey } = content as Partial<Record<keyof ClientFile, unknown>>;
    return typeof url === 'string' && typeof apiKey === 'string' ? { url, apiKey } : null;
  } catch {
    return null;
  }
}

function variable(name: string): string | undefined {
  return process.env[name] || undefined;
}

function isSameServer(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
