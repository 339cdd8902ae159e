import {
  CausewayError,
  nameOfPostgres,
  type PostgresProblem,
  type PostgresSource,
} from '@causeway/contract';
import { earlyTime } from './postgres-columns.ts';

type Named = Pick<PostgresSource, 'url' | 'table'>;

/** What a source cannot be read for, in the words of the contract. */
export function postgresFailure(
  source: Named,
  problem: PostgresProblem,
  reason: string,
  cause?: unknown,
): CausewayError {
  const details = { source: nameOfPostgres(source), problem, reason };
  return new CausewayError('postgres_not_readable', details, { cause });
}

/**
 * What PostgreSQL, its client or the network says, as a failure of the source. Nothing of
 * it holds the password: the server never has it in its messages, and the client has it in none.
 */
export function toPostgresFailure(source: Named, error: unknown): CausewayError {
  if (CausewayError.is(error)) return error;
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  const [, early] = earlyTime.exec(message) ?? [];
  if (early !== undefined) {
    return postgresFailure(
      source,
      'value_not_carried',
      `it has the time "${early}", before year 1, which the engine cannot hold`,
    );
  }
  const known = problems.find(([pattern]) => pattern.test(code) || pattern.test(message));
  const problem = known?.[1] ?? 'failed';
  const said = /^[0-9A-Z]{5}$/.test(code)
    ? `PostgreSQL says ${message} (SQLSTATE ${code})`
    : // Of several addresses that were tried Node says the code alone.
      message || code;
  return postgresFailure(source, problem, known?.[2] ?? said, error);
}

/**
 * By SQLSTATE, by the code of Node's network and TLS, or by what pg says: the first that fits.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const problems: readonly (readonly [RegExp, PostgresProblem, string?])[] = [
  [/^28/, 'login_refused'],
  [/^3D000$/, 'database_missing'],
  [/^(42P01|3F000)$/, 'table_missing'],
  [/^42501$/, 'permission_denied'],
  [/^(57014|55P03|25P03|25P04)$/, 'timed_out'],
  [/^53300$/, 'connection_limit'],
  [/^(40001|72000)$/, 'conflict_with_recovery'],
  [/^(57P0[12345]|08...)$/, 'connection_lost'],
  [/^(25|42|0A|22|26|2F|34)/, 'query_not_usable'],
  [/does not support SSL connections/, 'tls_refused', 'the server does not offer TLS'],
  [
    /^(CERT_|ERR_TLS_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/,
    'certificate_not_trusted',
  ],
  [/^timeout expired$/, 'unreachable', 'nobody answers'],
  [/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/, 'unreachable'],
  [/^Connection terminated|^(ECONNRESET|EPIPE)$/, 'connection_lost', 'the connection broke off'],
];
