import type { IncomingHttpHeaders } from 'node:http';
import { CausewayError } from '@causeway/contract';
import type { SetupSession } from '@causeway/store';

/** Who makes a request: the holder of an API key, of a setup link, or nobody that is known. */
export interface Caller {
  readonly apiKeyId: string | null;
  readonly session: SetupSession | null;
}

export interface AuthenticateDeps {
  /** The id of the API key; null if there is none such or it is revoked. */
  readonly authenticate: (apiKey: string) => Promise<{ readonly id: string } | null>;
  /** What the token of a setup session lets in to; null if it has ended. */
  readonly resumeSession: (token: string) => Promise<SetupSession | null>;
}

/** @throws CausewayError `unauthorized`, `session_ended`. */
export async function authenticate(
  { authorization }: IncomingHttpHeaders,
  deps: AuthenticateDeps,
): Promise<Caller> {
  if (authorization === undefined) throw new CausewayError('unauthorized', { found: 'nothing' });
  const token = /^Bearer +(cw[ks]_[A-Za-z0-9_]{1,200}) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new CausewayError('unauthorized', { found: 'malformed' });
  if (token.startsWith('cws_')) {
    const session = await deps.resumeSession(token);
    if (session === null) throw new CausewayError('session_ended', {});
    return { apiKeyId: null, session };
  }
  const known = await deps.authenticate(token);
  if (!known) throw new CausewayError('unauthorized', { found: 'unknown' });
  return { apiKeyId: known.id, session: null };
}
