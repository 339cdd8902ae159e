import type { JsonWebKeySet, TokenIssuer } from './issuer.ts';

/** What is found at the public address of our own issuer. */
export type IssuerProbe =
  | { readonly found: 'ours'; readonly keys: number }
  /** Somebody answers, with something else: what it is. */
  | { readonly found: 'foreign'; readonly reason: string }
  /** From here; AWS may see more, or less. */
  | { readonly found: 'nothing'; readonly reason: string };

const timeoutMs = 5_000;
const longestBody = 100_000;

/** Reads both documents where AWS reads them, and compares them with what we would publish. */
export async function probeIssuer(
  issuer: TokenIssuer,
  signal: AbortSignal | undefined,
): Promise<IssuerProbe> {
  const discovery = await load(`${issuer.url}/.well-known/openid-configuration`, signal);
  if (!discovery.ok) return discovery.probe;
  const { issuer: url, jwks_uri: keysUrl } = discovery.body;
  if (url !== issuer.url || keysUrl !== issuer.discovery.jwks_uri) {
    return foreign(`the issuer there is "${String(url)}" with its keys at "${String(keysUrl)}"`);
  }
  const jwks = await load(issuer.discovery.jwks_uri, signal);
  if (!jwks.ok) return jwks.probe;
  const published = keyIds(jwks.body);
  const own = (await issuer.publicKeys()).keys;
  const missing = own.find(({ kid }) => !published.includes(kid));
  if (missing) return foreign(`key "${missing.kid}" is not among those published there`);
  return { found: 'ours', keys: own.length };
}

type Loaded =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly probe: IssuerProbe };

/** Redirects are not followed: it is not known that AWS follows them. */
async function load(url: string, signal: AbortSignal | undefined): Promise<Loaded> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { ok: false, probe: foreign(`"${url}" answers with status ${response.status}`) };
    }
    const body = jsonObject(await response.text());
    if (body) return { ok: true, body };
    return { ok: false, probe: foreign(`"${url}" is no JSON document`) };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = `"${url}" cannot be read from here: ${reasonOf(error)}`;
    return { ok: false, probe: { found: 'nothing', reason } };
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  if (text.length > longestBody) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function keyIds({ keys }: Readonly<Record<string, unknown>>): string[] {
  if (!Array.isArray(keys)) return [];
  return (keys as readonly Partial<JsonWebKeySet['keys'][number]>[]).flatMap(
    ({ kid }) => kid ?? [],
  );
}

function foreign(reason: string): IssuerProbe {
  return { found: 'foreign', reason };
}

/** `fetch` says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'there was no answer';
  if (error.name === 'TimeoutError') return 'it does not answer';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
