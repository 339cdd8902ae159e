import { type JsonObject, readJsonObject } from '../../http/json-object.ts';
import type { PublishedKey } from './token.ts';

const timeoutMilliseconds = 5000;
const maxDocumentBytes = 256 * 1024;

/** The issuer could not be reached, or did not answer in time. */
export class IssuerUnreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`Cannot reach ${url}`, { cause });
    this.name = 'IssuerUnreachable';
  }
}

/**
 * The verification keys of issuers, as they publish them: found by
 * `<issuer>/.well-known/openid-configuration`, and remembered until a token is not
 * signed by any of them.
 */
export class IssuerKeys {
  readonly #known = new Map<string, readonly PublishedKey[]>();

  /** What was published when last asked; null when nobody asked yet. */
  known(issuer: string): readonly PublishedKey[] | null {
    return this.#known.get(issuer) ?? null;
  }

  /**
   * Asks the issuer.
   *
   * @returns null when what it answers is no set of keys of this issuer.
   * @throws IssuerUnreachable
   */
  async fetch(issuer: string): Promise<readonly PublishedKey[] | null> {
    const home = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const configuration = await readJson(home);
    if (configuration?.['issuer'] !== issuer) return null;
    const address = configuration['jwks_uri'];
    if (typeof address !== 'string' || !mayBeAsked(address)) return null;
    const keys = (await readJson(address))?.['keys'];
    if (!Array.isArray(keys)) return null;
    const published = keys.filter(isKey);
    this.#known.set(issuer, published);
    return published;
  }
}

/** Issuers speak HTTPS; in the sandbox one on this machine may do without. */
export function mayBeAsked(address: string): boolean {
  const url = URL.parse(address);
  if (url?.protocol === 'https:') return true;
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  return url?.protocol === 'http:' && isLocal;
}

function isKey(value: unknown): value is PublishedKey {
  return typeof value === 'object' && value !== null;
}

async function readJson(url: string): Promise<JsonObject | null> {
  return readJsonObject((await read(url)) ?? '');
}

/** Null for an answer that is no success, or too large. */
async function read(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const answer = await fetch(url, { signal, redirect: 'manual' });
    if (!answer.ok || !answer.body) return null;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body) {
      bytes += piece.length;
      if (bytes > maxDocumentBytes) return null;
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  } catch (cause) {
    throw new IssuerUnreachable(url, cause);
  }
}
