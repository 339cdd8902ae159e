import { connectingErrors } from './connecting-errors.ts';
import { customerErrors } from './customer-errors.ts';
import { deliveryErrors } from './delivery-errors.ts';
import type { ErrorEntry, Retry } from './error-entry.ts';
import { identityErrors } from './identity-errors.ts';
import { managedBucketErrors } from './managed-bucket-errors.ts';
import { postgresErrors } from './postgres-errors.ts';
import { processErrors } from './process-errors.ts';
import { pushErrors } from './push-errors.ts';
import { setupLinkErrors } from './setup-link-errors.ts';
import { webhookErrors } from './webhook-errors.ts';

/**
 * Every failure a caller can act on, in one table.
 *
 * The table is the source for the thrown errors, the HTTP error body, the SDK's
 * `code` union and the error pages of the documentation. Codes are permanent:
 * reword a message freely, never rename or reuse a code.
 *
 * Messages: `Cannot <verb> <thing>: <what was found>`, values quoted, no full
 * stop. Hints: one imperative sentence that a support engineer can forward.
 * Never a secret, a presigned URL or a token in either.
 */
const catalog = {
  invalid_request: {
    status: 400,
    retry: 'never',
    message: (d: { issues: readonly { path: string; message: string }[] }) =>
      `Cannot accept the request: ${d.issues.map((i) => (i.path ? `"${i.path}" ${i.message}` : i.message)).join('; ')}`,
    hint: () => 'Correct the named fields and send the request again',
  },
  unauthorized: {
    status: 401,
    retry: 'after_fix',
    message: (d: { found: 'nothing' | 'malformed' | 'unknown' }) =>
      `Cannot authenticate the request: ${
        {
          nothing: 'there is no Authorization header',
          malformed: 'the Authorization header is not "Bearer cwk_..." with a valid checksum',
          unknown: 'the API key is unknown or revoked',
        }[d.found]
      }`,
    hint: () => 'Send "Authorization: Bearer <API key>" with a key of this Causeway',
  },
  not_found: {
    status: 404,
    retry: 'never',
    message: (d: { kind: string; id: string }) => `Cannot find ${d.kind} "${d.id}"`,
    hint: (d: { kind: string; id: string }) => `List the ${d.kind}s to see which exist`,
  },
  route_not_found: {
    status: 404,
    retry: 'never',
    message: (d: { method: string; path: string }) =>
      `Cannot ${d.method} "${d.path}": there is no such operation`,
    hint: () => 'See /reference for every operation of this API',
  },
  method_not_allowed: {
    status: 405,
    retry: 'never',
    message: (d: { method: string; path: string; allowed: readonly string[] }) =>
      `Cannot ${d.method} "${d.path}": only ${d.allowed.join(', ')} is possible there`,
    hint: () => 'See /reference for every operation of this API',
  },
  body_too_large: {
    status: 413,
    retry: 'never',
    message: (d: { limitBytes: number }) =>
      `Cannot accept the request: its body is larger than ${d.limitBytes} bytes`,
    hint: () => 'Split the request into several smaller ones',
  },
  media_type_not_supported: {
    status: 415,
    retry: 'never',
    message: (d: { found: string; expected?: string }) =>
      `Cannot read the body of the request: its Content-Type is "${d.found}"`,
    hint: ({ expected = 'application/json' }: { expected?: string }) => {
      if (expected === 'text/csv') return 'Send a CSV file in UTF-8 with "Content-Type: text/csv"';
      const other = expected === 'application/json' ? '' : `, or lines of it with "${expected}"`;
      return `Send JSON with "Content-Type: application/json"${other}`;
    },
  },
  conflict: {
    status: 409,
    retry: 'after_fix',
    message: (d: { kind: string; field: string; value: string; existingId?: string }) =>
      `Cannot keep ${d.kind}: ${d.field} "${d.value}" is taken${d.existingId ? ` by "${d.existingId}"` : ''}`,
    hint: (d: { field: string }) => `Choose another ${d.field}, or use the one that exists`,
  },
  location_overlaps: {
    status: 409,
    retry: 'after_fix',
    message: (d: { location: string }) =>
      `Cannot create connection: another connection already covers all or part of "${d.location}"`,
    hint: () =>
      'Choose a prefix that neither contains nor is contained in that of another connection',
  },
  idempotency_key_reused: {
    status: 422,
    retry: 'never',
    message: (d: { key: string }) =>
      `Cannot accept the request: idempotency key "${d.key}" was used before with another body`,
    hint: () => 'Use a new Idempotency-Key for a new request',
  },
  invalid_location: {
    status: 422,
    retry: 'never',
    message: (d: { found: string; reason: string }) =>
      `Cannot use location "${d.found}": ${d.reason}`,
    hint: () =>
      'Give "s3://bucket/prefix/" with a plain bucket name and a prefix of ordinary segments',
  },
  ...connectingErrors,
  ...customerErrors,
  ...identityErrors,
  ...managedBucketErrors,
  ...pushErrors,
  source_not_allowed: {
    status: 422,
    retry: 'after_fix',
    message: (d: { path: string; allowed: readonly string[] }) =>
      `Cannot read "${d.path}": it is outside the folders that sources may come from (${d.allowed.map((a) => `"${a}"`).join(', ')})`,
    hint: () =>
      'Move the file into one of these folders, or add its folder to CAUSEWAY_SOURCE_DIRS',
  },
  file_not_readable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { path: string; reason: string }) => `Cannot read "${d.path}": ${d.reason}`,
    hint: () => 'Name a file that exists and that the user who runs the command may read',
  },
  query_not_usable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { reason: string }) => `Cannot use the query: ${d.reason}`,
    hint: () =>
      'Give one SELECT over the datasets by the names that it is given, and over nothing else',
  },
  source_not_readable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { path: string; reason: string }) => `Cannot read source "${d.path}": ${d.reason}`,
    hint: () =>
      'Check that the source exists, is whole, is what its format says and may be read by the Causeway process',
  },
  column_not_found: {
    status: 422,
    retry: 'after_fix',
    message: (d: { column: string; columns: readonly string[] }) =>
      `Cannot use column "${d.column}": the source has ${d.columns.map((c) => `"${c}"`).join(', ')}`,
    hint: () => 'Name one of the columns of the source, in the same letter case',
  },
  cursor_not_usable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { column: string; type: string }) =>
      `Cannot use column "${d.column}" as cursor: its type is "${d.type}"`,
    hint: () => 'Name a column of type TIMESTAMP, TIMESTAMP WITH TIME ZONE or DATE',
  },
  schema_changed: {
    status: 422,
    retry: 'after_fix',
    message: (d: {
      changes: readonly { column: string; before: string; after: string | null }[];
    }) =>
      `Cannot read the source as its dataset has it: ${d.changes
        .map(({ column, before, after }) =>
          after === null
            ? `column "${column}" of type "${before}" is gone`
            : `column "${column}" had type "${before}" and has "${after}"`,
        )
        .join('; ')}`,
    hint: () =>
      'Give the source these columns back, or accept what it has now: refresh the dataset, by POST /v1/datasets/{id}/refresh or "causeway datasets refresh"',
  },
  filter_not_usable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { column: string; type: string; reason: string }) =>
      `Cannot filter rows by column "${d.column}" of type "${d.type}": ${d.reason}`,
    hint: () => 'Make a delivery whose filter fits the columns as the source has them now',
  },
  too_many_partitions: {
    status: 422,
    retry: 'after_fix',
    message: (d: { columns: readonly string[]; limit: number }) =>
      `Cannot partition by ${d.columns.map((c) => `"${c}"`).join(', ')}: there are more than ${d.limit} combinations of customer and values`,
    hint: () => 'Partition by fewer columns, or by ones with fewer values',
  },
  no_recipients: {
    status: 422,
    retry: 'after_fix',
    message: (d: { deliveryId: string; reason: string }) =>
      `Cannot run delivery "${d.deliveryId}": ${d.reason}`,
    hint: () => 'Add a customer that has a healthy connection with capability "deliver"',
  },
  run_in_progress: {
    status: 409,
    retry: 'later',
    message: (d: { deliveryId: string; runId: string }) =>
      `Cannot start a run of delivery "${d.deliveryId}": run "${d.runId}" is not finished`,
    hint: () => 'Wait for that run to end, or cancel it, then start another',
  },
  ...deliveryErrors,
  ...postgresErrors,
  role_not_assumable: {
    status: 422,
    retry: 'after_fix',
    message: (d: { roleArn: string }) =>
      `Cannot assume role "${d.roleArn}": AWS STS answered AccessDenied`,
    hint: () =>
      "Ask the customer to compare the role's trust policy with the one in the setup guide: principal, external ID or subject, and role name",
  },
  connection_not_ready: {
    status: 422,
    retry: 'after_fix',
    message: (d: {
      connectionId: string;
      status: string;
      fix?: string | undefined;
      side?: 'customer' | 'operator';
      cause?: string | undefined;
    }) => `Cannot use connection "${d.connectionId}": its status is "${d.status}"`,
    hint: (d: { fix?: string | undefined }) =>
      d.fix ?? 'Run the check of the connection and follow its fix',
  },
  access_denied: {
    status: 422,
    retry: 'after_fix',
    message: (d: { operation: string; resource: string }) =>
      `Cannot call ${d.operation} on "${d.resource}": access denied`,
    hint: () => 'Run the check of the connection: it names the missing permission',
  },
  bucket_not_found: {
    status: 422,
    retry: 'after_fix',
    message: (d: { bucket: string }) => `Cannot use bucket "${d.bucket}": it does not exist`,
    hint: () => 'Create the bucket, or correct its name in the connection',
  },
  credentials_rejected: {
    status: 422,
    retry: 'after_fix',
    message: (d: { operation: string; code: string }) =>
      `Cannot call ${d.operation}: the credentials were rejected with ${d.code}`,
    hint: () => 'Renew the AWS credentials that are used here, then run the check again',
  },
  bucket_region_mismatch: {
    status: 422,
    retry: 'after_fix',
    message: (d: { bucket: string; region: string; found?: string }) =>
      `Cannot use bucket "${d.bucket}" in region "${d.region}": it is in ${d.found ? `"${d.found}"` : 'another region'}`,
    hint: () => 'Run the check of the connection: it finds the region of the bucket and keeps it',
  },
  object_exists: {
    status: 409,
    retry: 'never',
    message: (d: { key: string }) => `Cannot create object "${d.key}": another object has this key`,
    hint: () => 'Find out who writes under this prefix: it must be left to Causeway alone',
  },
  object_not_found: {
    status: 404,
    retry: 'never',
    message: (d: { key: string }) => `Cannot read object "${d.key}": it does not exist`,
    hint: () => 'Check the key; a delivery is complete only when its manifest exists',
  },
  upload_not_found: {
    status: 409,
    retry: 'after_fix',
    message: (d: { key: string }) =>
      `Cannot go on with the upload of object "${d.key}": the store has forgotten it`,
    hint: () =>
      'Start a new run, and find out which lifecycle rule or person aborts unfinished uploads early',
  },
  store_unavailable: {
    status: 503,
    retry: 'later',
    message: (d: { operation: string; reason: string }) =>
      `Cannot call ${d.operation}: ${d.reason}`,
    hint: () =>
      'Try again later: it says nothing about the setup of a connection, and a run continues from its journal',
  },
  store_refused: {
    status: 422,
    retry: 'after_fix',
    message: (d: { operation: string; code: string; reason: string }) =>
      `Cannot call ${d.operation}: the store answered ${d.code}: ${d.reason}`,
    hint: () => 'Check that the store supports this request, and that its encryption key is usable',
  },
  secret_not_readable: {
    status: 500,
    retry: 'after_fix',
    message: (d: { of: string; field: string; reason: string }) =>
      `Cannot open secret "${d.field}" of "${d.of}": ${d.reason}`,
    hint: () =>
      'Give Causeway the key that it was sealed with (CAUSEWAY_SECRETS_KEY_FILE or CAUSEWAY_SECRETS_KMS_KEY), or enter the secret again',
  },
  integrity_violated: {
    status: 500,
    retry: 'never',
    message: (d: { what: string; expected: string; found: string }) =>
      `Cannot trust ${d.what}: expected "${d.expected}", found "${d.found}"`,
    hint: () => 'Do not use the data; run the delivery again and report the finding',
  },
  engine_failed: {
    status: 500,
    retry: 'after_fix',
    message: (d: { reason: string }) => `Cannot run the query: ${d.reason}`,
    hint: () => 'Check that the source still has the columns and types of the dataset',
  },
  manifest_not_found: {
    status: 404,
    retry: 'never',
    message: (d: { where: string }) => `Cannot verify "${d.where}": there is no manifest`,
    hint: () =>
      'Name a manifest, or a folder that holds "_manifests"; without a manifest nothing was delivered',
  },
  manifest_invalid: {
    status: 422,
    retry: 'never',
    message: (d: { key: string; reason: string }) => `Cannot read manifest "${d.key}": ${d.reason}`,
    hint: () => 'Fetch the manifest again, unchanged, or ask the sender for it',
  },
  manifest_version_not_supported: {
    status: 422,
    retry: 'after_fix',
    message: (d: { key: string; version: number; supported: number }) =>
      `Cannot read manifest "${d.key}": its version is ${d.version}, and this program reads version ${d.supported}`,
    hint: () => 'Update the program that verifies, then verify again',
  },
  ...setupLinkErrors,
  ...webhookErrors,
  internal: {
    status: 500,
    retry: 'later',
    message: (d: { requestId: string }) =>
      `Cannot answer request "${d.requestId}": there is a fault in Causeway`,
    hint: () => "Look for the request id in the server's log and report it",
  },
  ...processErrors,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof catalog;
export type ErrorDetails<C extends ErrorCode> = Parameters<(typeof catalog)[C]['message']>[0];

/** All codes, for the pages and tests that must cover each of them. */
export const errorCodes = Object.keys(catalog) as readonly ErrorCode[];

/** What a code says whatever the details are. */
export function traitsOf(code: ErrorCode): { readonly status: number; readonly retry: Retry } {
  return entry(code);
}

const brand = Symbol.for('causeway.error');

/**
 * A failure that a caller can act on. Bugs are plain `Error`s; what a check finds
 * wrong in a customer's setup is a result, not a throw.
 */
export class CausewayError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: ErrorDetails<C>;

  constructor(code: C, details: ErrorDetails<C>, options?: { readonly cause?: unknown }) {
    super(entry(code).message(details), options);
    this.name = 'CausewayError';
    this.code = code;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }

  get hint(): string {
    return entry(this.code).hint(this.details);
  }

  get status(): number {
    return entry(this.code).status;
  }

  get retry(): Retry {
    return entry(this.code).retry;
  }

  /** Unlike `instanceof`, holds across copies of this package and narrows to one code when asked. */
  static is<C extends ErrorCode>(error: unknown, code?: C): error is CausewayError<C> {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || (error as unknown as CausewayError).code === code;
  }
}

function entry(code: ErrorCode): ErrorEntry {
  return catalog[code];
}
