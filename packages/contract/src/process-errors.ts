import type { ErrorEntry } from './error-entry.ts';

/** Of processes: what keeps one from starting, and clients from reaching it. */
export const processErrors = {
  configuration_invalid: {
    status: 500,
    retry: 'after_fix',
    message: (d: { issues: readonly string[] }) => `Cannot start: ${d.issues.join('; ')}`,
    hint: () =>
      'Correct the named variables; docs/configuration.md lists all of them with examples',
  },
  data_dir_in_use: {
    status: 500,
    retry: 'after_fix',
    message: (d: { dataDir: string; pid: number }) =>
      `Cannot start on data folder "${d.dataDir}": process ${d.pid} is using it`,
    hint: () => 'Stop that process, or set CAUSEWAY_DATA_DIR to another folder',
  },
  disk_full: {
    status: 507,
    retry: 'after_fix',
    message: (d: { what: string; limitMb?: number }) =>
      `Cannot set aside ${d.what}: ${d.limitMb === undefined ? 'the disk is full' : `they take more than the ${d.limitMb} MiB of disk that a job may have`}`,
    hint: (d: { limitMb?: number }) =>
      d.limitMb === undefined
        ? 'Free space on the disk that CAUSEWAY_DATA_DIR of the worker is on, or give it a larger one'
        : 'Let one run send less: to fewer customers, or a narrower window',
  },
  server_unreachable: {
    status: 503,
    retry: 'later',
    message: (d: { url: string; reason: string }) =>
      `Cannot reach Causeway at "${d.url}": ${d.reason}`,
    hint: () => 'Check the address, and that the server is running',
  },
  unexpected_response: {
    status: 502,
    retry: 'after_fix',
    message: (d: { url: string; status: number; found: string }) =>
      `Cannot understand the answer of "${d.url}" with status ${d.status}: ${d.found}`,
    hint: () =>
      'Check that the address is that of a Causeway server, and that client and server have the same version',
  },
  postgres_not_startable: {
    status: 500,
    retry: 'after_fix',
    message: (d: { reason: string }) => `Cannot start the embedded PostgreSQL: ${d.reason}`,
    hint: () =>
      'Remove the cause, or set DATABASE_URL to a PostgreSQL 15 or newer that you run yourself',
  },
  database_unreachable: {
    status: 503,
    retry: 'later',
    message: (d: { server: string; reason: string }) =>
      `Cannot connect to the database at "${d.server}": ${d.reason}`,
    hint: () => 'Check DATABASE_URL, and that the server runs and lets this user in',
  },
  database_incompatible: {
    status: 500,
    retry: 'after_fix',
    message: (d: { reason: string }) => `Cannot use the database: ${d.reason}`,
    hint: () =>
      'Use the version of Causeway that migrated this database last, or a newer one, on PostgreSQL 15 or newer',
  },
} as const satisfies Record<string, ErrorEntry>;
