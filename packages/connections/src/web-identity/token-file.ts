import { readFile } from 'node:fs/promises';
import { CausewayError } from '@causeway/contract';

/** A token that somebody else has signed and keeps fresh in a file, and what it says. */
export interface FileToken {
  readonly text: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAt: Date;
}

/**
 * Reads a token from its file, such as the one that Kubernetes projects into a pod. It is
 * read anew for every use, since whoever keeps it replaces it before it expires. Only STS
 * verifies its signature.
 *
 * @param variable What names the file, for the message of a failure.
 * @throws CausewayError `issuer_not_usable` when there is no token in it, or one that has
 * expired; nothing of a token is repeated.
 */
export async function readTokenFile(
  file: string,
  now: Date,
  variable = 'CAUSEWAY_WEB_IDENTITY_TOKEN_FILE',
): Promise<FileToken> {
  const fail = (reason: string, cause?: unknown) =>
    new CausewayError('issuer_not_usable', { issuer: 'of the token file', reason }, { cause });
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fail(`${variable} "${file}" cannot be read: ${cause.code}`, cause);
  });
  const token = parse(text.trim());
  if (!token) throw fail(`${variable} "${file}" holds no token with iss, sub, aud and exp`);
  if (token.expiresAt <= now) {
    throw fail(
      `the token in ${variable} "${file}" has expired at ${token.expiresAt.toISOString()}`,
    );
  }
  return token;
}

function parse(text: string): FileToken | null {
  const claims = claimsOf(text);
  const { iss, sub, aud, exp } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof exp !== 'number') return null;
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
  if (audiences.length === 0) return null;
  return { text, issuer: iss, subject: sub, audiences, expiresAt: new Date(exp * 1000) };
}

function claimsOf(text: string): Readonly<Record<string, unknown>> {
  const body = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(text)?.[1];
  if (body === undefined) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}
