import type { ErrorEntry } from './error-entry.ts';

/** What kept a PostgreSQL from being read, and what to do about it. */
const hints = {
  unreachable: 'Check host and port, and that the server lets the Causeway process in',
  tls_refused: 'Turn TLS on at the server, or set "tls" to "disable" if the network is trusted',
  certificate_not_trusted:
    'Give the authority that signed the certificate as "caCertificate", and name the server as the certificate does',
  login_refused: 'Check user and password, and what pg_hba.conf of the server asks for',
  password_missing: 'Give the URL with its password once more',
  database_missing: 'Name a database that exists in the URL',
  table_missing: 'Name a table or view that the role can see, as schema.table',
  permission_denied: 'Grant the role USAGE on the schema and SELECT on what it reads',
  query_not_usable: 'Give one SELECT that the role may run in a read-only transaction',
  column_not_carried: 'Give a query that leaves the column out, renames it or casts it',
  timed_out: 'Make the query faster, or raise "statementTimeoutSeconds"',
  connection_limit:
    'Raise the connection limit of the server or role, or let fewer runs read it at once',
  conflict_with_recovery:
    'Read from the primary, or let the standby wait longer: max_standby_streaming_delay, hot_standby_feedback',
  connection_lost:
    'Look at the log of the server for why it ended the connection, and run the delivery again',
  value_not_carried: 'Change the value, or give a query that casts the column to text',
  failed: 'Look up the SQLSTATE in the documentation of PostgreSQL',
} as const;

export type PostgresProblem = keyof typeof hints;

export const postgresErrors = {
  postgres_not_readable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { source: string; problem: PostgresProblem; reason: string }) =>
      `Cannot read "${d.source}": ${d.reason}`,
    hint: (d: { problem: PostgresProblem }) => hints[d.problem],
  },
} as const satisfies Record<string, ErrorEntry>;
