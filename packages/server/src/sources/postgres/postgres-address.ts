import { isIP } from 'node:net';
import { Secret } from '@causeway/connections';
import type { PostgresSource, PostgresTlsMode, Source } from '@causeway/contract';

/** Where a server is, and as whom it is asked; the password is no part of it. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls: PostgresTlsMode;
}

/** The source as it is kept and shown, and the password that was in its URL. */
export function withoutPassword(source: PostgresSource): {
  readonly source: PostgresSource;
  readonly password: Secret<string> | null;
} {
  const [, start = '', password, end = ''] =
    /^([^:]+:\/\/[^:@]+)(?::([^@]*))?(@.*)$/s.exec(source.url) ?? [];
  if (password === undefined || password === '') return { source, password: null };
  return {
    source: { ...source, url: `${start}${end}` },
    password: new Secret(decoded(password)),
  };
}

/** The same for a source of any kind. */
export function withoutSecret(source: Source): {
  readonly source: Source;
  readonly password: Secret<string> | null;
} {
  return source.type === 'postgres' ? withoutPassword(source) : { source, password: null };
}

/** The source as somebody gives it, with its password: only to be taken out again. */
export function withPassword(source: PostgresSource, password: Secret<string>): PostgresSource {
  const encoded = encodeURIComponent(password.reveal());
  const url = source.url.replace(
    /^([^:]+:\/\/[^:@]+)@/,
    (_, start: string) => `${start}:${encoded}@`,
  );
  return { ...source, url };
}

/** A source is of the form that the contract demands. */
export function addressOf({ url, tls }: Pick<PostgresSource, 'url' | 'tls'>): PostgresAddress {
  const [, user = '', hostPart = '', port = '5432', database = ''] =
    /^[^:]+:\/\/([^:@]+)(?::[^@]*)?@(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/(.+)$/s.exec(url) ?? [];
  const host = hostPart.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port),
    user: decoded(user),
    database: decoded(database),
    tls: tls ?? (isThisMachine(host) ? 'disable' : 'verify-full'),
  };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** What is not a valid encoding stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
