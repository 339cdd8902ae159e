import { rootCertificates } from 'node:tls';
import type { Secret } from '@causeway/connections';
import type { PostgresSource } from '@causeway/contract';
import pg from 'pg';
import { LendingSocket } from './lending-socket.ts';
import { addressOf } from './postgres-address.ts';
import { postgresFailure, toPostgresFailure } from './postgres-failure.ts';
import { quoteText } from './quote.ts';

/** A connection within a transaction that reads, and that sees the server as of one moment. */
export interface PostgresSession {
  readonly client: pg.Client;
  /** By which other sessions see the same moment, while this one is open. */
  readonly snapshot: string;
  rows(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface PostgresLogin {
  readonly source: PostgresSource;
  readonly password: Secret<string> | null;
}

const connectTimeoutMs = 10_000;
/** Behind a table that is being altered; the statement's own time goes on meanwhile. */
const lockTimeoutMs = 30_000;

/**
 * Opens a session. Settings are those of the transaction, so that a pooler of connections
 * may stand between; those of texts are what `postgresColumn` counts on.
 *
 * @param snapshot of another session that is open; default: what is committed now.
 * @throws CausewayError `postgres_not_readable`.
 */
export async function openPostgres(
  { source, password }: PostgresLogin,
  snapshot?: string,
): Promise<PostgresSession> {
  const client = new pg.Client(clientOptions(source, password));
  // What breaks is told by the query that is under way, or by the next.
  client.on('error', () => {});
  const rows: PostgresSession['rows'] = async (text, values) => {
    try {
      return (await client.query(text, values && [...values])).rows;
    } catch (error) {
      throw toPostgresFailure(source, error);
    }
  };
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw password === null && asksForPassword(error)
      ? postgresFailure(
          source,
          'password_missing',
          'the server asks for a password, and none is kept',
          error,
        )
      : toPostgresFailure(source, error);
  }
  const close = () => client.end();
  try {
    await rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (snapshot !== undefined) await adoptSnapshot(rows, source, snapshot);
    await rows(settings(source));
    if (snapshot !== undefined) return { client, snapshot, rows, close };
    const [exported] = await rows('SELECT pg_catalog.pg_export_snapshot() AS snapshot');
    return { client, snapshot: String(exported?.['snapshot']), rows, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** It can be seen for as long as the transaction that exported it is open. */
async function adoptSnapshot(
  rows: PostgresSession['rows'],
  source: PostgresSource,
  snapshot: string,
): Promise<void> {
  try {
    await rows(`SET TRANSACTION SNAPSHOT ${quoteText(snapshot)}`);
  } catch (error) {
    const reason = 'the transaction that the run reads in was ended at the server';
    throw postgresFailure(source, 'connection_lost', reason, error);
  }
}

function settings({ statementTimeoutSeconds }: PostgresSource): string {
  const values = {
    statement_timeout: statementTimeoutSeconds * 1000,
    lock_timeout: lockTimeoutMs,
    // It waits while what was read is sent.
    idle_in_transaction_session_timeout: 0,
    client_encoding: 'UTF8',
    timezone: 'UTC',
    datestyle: 'ISO',
    intervalstyle: 'iso_8601',
    bytea_output: 'hex',
    extra_float_digits: 1,
    xmlbinary: 'base64',
  };
  return Object.entries(values)
    .map(([name, value]) => `SET LOCAL ${name} = ${quoteText(String(value))}`)
    .join('; ');
}

function clientOptions(source: PostgresSource, password: Secret<string> | null): pg.ClientConfig {
  const { host, port, user, database, tls } = addressOf(source);
  return {
    host,
    port,
    user,
    database,
    // As a function: of an empty one pg would look in the environment and in files.
    password: () => password?.reveal() ?? '',
    application_name: 'causeway',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    ...(tls === 'disable'
      ? { ssl: false, stream: () => new LendingSocket() }
      : { ssl: tlsOptions(tls, source.caCertificate) }),
  };
}

function tlsOptions(tls: 'require' | 'verify-ca' | 'verify-full', ca: string | undefined) {
  return {
    rejectUnauthorized: tls !== 'require',
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(tls === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

function asksForPassword(error: unknown): boolean {
  return (
    /^28P01$/.test((error as { readonly code?: string }).code ?? '') ||
    /SASL|empty password/.test(String(error))
  );
}
