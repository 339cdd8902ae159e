import type { RsaPublicKey } from '@causeway/connections';
import {
  type Access,
  type Actor,
  type Capability,
  CausewayError,
  type CheckReport,
  type Column,
  type ConnectionStatus,
  type CustomerRule,
  type DeliverySchedule,
  type DeliveryStatus,
  type DeliveryTerms,
  type EventType,
  type Owner,
  type Receipt,
  type RecipientState,
  type RunFailure,
  type RunState,
  type SchemaPolicy,
  type Source,
  type Webhook,
  type WebhookMessageState,
  type WebhookStatus,
} from '@causeway/contract';
import type { FileKind } from '@causeway/delivery';
import { type ColumnType, type Generated, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { tellingLosses } from './lost-connection.ts';
import { isoFromPostgres } from './timestamps.ts';

/** The schema that holds our tables; the queue has its own beside it. */
export const schemaName = 'causeway';

/** Read as ISO text with all its digits, see {@link isoFromPostgres}. */
type Timestamp = ColumnType<string, string, string>;
/** Stored as `json`, which keeps the order of members: policies are shown as they were written. */
type Json<T> = ColumnType<T, string, string>;

export interface Database {
  api_keys: {
    id: string;
    name: string;
    prefix: string;
    last_four: string;
    key_hash: Buffer;
    created_at: Timestamp;
  };
  customers: {
    id: string;
    name: string;
    reference: string;
    properties: Json<Record<string, string>>;
    created_at: Timestamp;
  };
  connections: {
    id: string;
    customer_id: string;
    name: string | null;
    is_default: boolean;
    owner: Owner;
    access: Access;
    capabilities: Capability[];
    overwrites: boolean;
    bucket: string | null;
    prefix: string;
    region: string | null;
    account_id: string | null;
    account_confirmed: boolean;
    external_id: string | null;
    role_arn: string | null;
    /** What only this access method has. */
    details: Json<object>;
    status: ConnectionStatus;
    last_check: Json<CheckReport> | null;
    last_checked_at: Timestamp | null;
    status_since: Timestamp;
    /** When it is checked by itself; null while it is not. */
    next_check_at: Timestamp | null;
    /** Until when a process has its check in hand. */
    check_taken_until: Timestamp | null;
    created_at: Timestamp;
  };
  issuer_keys: {
    id: string;
    public_key: Json<RsaPublicKey>;
    created_at: Timestamp;
    signs_from: Timestamp;
  };
  setup_links: {
    id: string;
    connection_id: string;
    token_hash: Buffer;
    expected_account_id: string | null;
    created_at: Timestamp;
    expires_at: Timestamp;
    opened_at: Timestamp | null;
    revoked_at: Timestamp | null;
  };
  connect_sessions: { token_hash: Buffer; setup_link_id: string; expires_at: Timestamp };
  events: {
    id: string;
    position: Generated<number>;
    type: EventType;
    at: Timestamp;
    actor_type: Actor['type'];
    actor_id: string | null;
    customer_id: string | null;
    connection_id: string | null;
    setup_link_id: string | null;
    dataset_id: string | null;
    delivery_id: string | null;
    run_id: string | null;
    webhook_id: string | null;
    cause: string | null;
    before: Json<Record<string, unknown>> | null;
    after: Json<Record<string, unknown>> | null;
  };
  webhooks: {
    id: string;
    url: string;
    description: string;
    event_types: EventType[] | null;
    status: WebhookStatus;
    disabled_because: Webhook['disabledBecause'];
    /** Which of its secrets is the present one; the one before is numbered one less. */
    secret_number: number;
    previous_secret_until: Timestamp | null;
    created_at: Timestamp;
  };
  webhook_messages: {
    webhook_id: string;
    event_id: string;
    state: WebhookMessageState;
    attempts: Generated<number>;
    /** Attempts since it was first or last asked for. */
    tries: Generated<number>;
    next_attempt_at: Timestamp | null;
    /** Until when a process has it in hand. */
    taken_until: Timestamp | null;
    created_at: Timestamp;
  };
  webhook_attempts: {
    webhook_id: string;
    event_id: string;
    number: number;
    at: Timestamp;
    duration_ms: number;
    status: number | null;
    error: string | null;
    body_start: string | null;
  };
  event_links: { number: number; event_id: string; hash: Buffer };
  datasets: {
    id: string;
    name: string;
    source: Json<Source>;
    customer_column: string | null;
    cursor_column: string | null;
    primary_key: string[];
    deleted_column: string | null;
    columns: Json<Column[]>;
    schema_policy: SchemaPolicy;
    created_at: Timestamp;
  };
  deliveries: {
    id: string;
    name: string;
    dataset_id: string;
    terms: Json<DeliveryTerms>;
    customer_rule: Json<CustomerRule> | null;
    status: Generated<DeliveryStatus>;
    schedule: Json<DeliverySchedule> | null;
    next_run_at: Timestamp | null;
    /** Until when a process has its due run in hand. */
    schedule_taken_until: Timestamp | null;
    /** The version of the source that all its customers have a run of, as far as that is known. */
    seen_version: string | null;
    /** Why the last due run could not be made; told of once. */
    last_trouble: string | null;
    /** Where the windows begin of those who have had nothing yet. */
    starts_at: Timestamp | null;
    /** Of a delivery in batches: what was received before is in a run. */
    begun_until: Timestamp | null;
    created_at: Timestamp;
  };
  delivery_customers: { delivery_id: string; customer_id: string; position: number };
  push_heads: {
    dataset_id: string;
    next_position: number;
    /** Bytes of lines that were ever kept. */
    next_byte: number;
    last_received_at: Timestamp | null;
    /** What is received next is received then, or later. */
    next_received_at: Timestamp;
    /** Everything that was received earlier has been removed. */
    removed_before: Timestamp | null;
  };
  push_batches: {
    dataset_id: string;
    received_at: Timestamp;
    /** Of its first record. */
    position: number;
    records: number;
    /** Bytes of lines that were kept before it. */
    byte_position: number;
    bytes: number;
    api_key_id: string | null;
    idempotency_key: string | null;
    body_hash: string;
    lines: Buffer;
  };
  runs: {
    id: string;
    delivery_id: string;
    state: RunState;
    terms: Json<DeliveryTerms>;
    /** Those that it sends, once its source was read. */
    columns: Json<Column[]> | null;
    /** Customers that were not free when it was made. */
    left_out: Generated<string[]>;
    /** Whose share of the workers it takes: that of its one customer, or of its delivery. */
    share_key: string;
    /** Runs are begun in the order of their turns. */
    turn: number;
    attempt: Generated<number>;
    cancel_requested_at: Timestamp | null;
    cancel_requested_by: Json<Actor> | null;
    retry_of: string | null;
    /** How often what it does was tried again by itself. */
    retries: Generated<number>;
    lease_owner: string | null;
    lease_renewed_at: Timestamp | null;
    /** Not taken up by itself before, as what hindered it may last. */
    resume_at: Timestamp | null;
    created_at: Timestamp;
    started_at: Timestamp | null;
    completed_at: Timestamp | null;
  };
  run_recipients: {
    run_id: string;
    customer_id: string;
    delivery_id: string;
    position: number;
    connection_id: string | null;
    state: RecipientState;
    window_from: Timestamp | null;
    window_to: Timestamp;
    rows: number;
    bytes: number;
    files: number;
    sequence: number | null;
    previous_run_id: string | null;
    committed_at: Timestamp | null;
    manifest_key: string | null;
    manifest_body: string | null;
    delivered_by_run_id: string | null;
    failure: Json<RunFailure> | null;
    warning: Json<RunFailure> | null;
    /** Its window does not go on where the delivery stands, so it moves nothing. */
    is_backfill: Generated<boolean>;
    retry_at: Timestamp | null;
    retry_awaits: 'time' | 'connection' | null;
    preparing_at: Timestamp | null;
    prepared_at: Timestamp | null;
    ended_at: Timestamp | null;
    attempts: Generated<number>;
    s3_requests: Generated<number>;
    sts_requests: Generated<number>;
    request_retries: Generated<number>;
    receipt: Json<Receipt> | null;
    receipt_looked_at: Timestamp | null;
    /** It tells the keys of the requests after the one and up to the other: see `forgotten-keys.ts`. */
    forgets_after: Generated<number>;
    forgets_to: Generated<number>;
  };
  uploads: {
    run_id: string;
    upload_id: string;
    customer_id: string;
    kind: Generated<FileKind>;
    file_index: number;
    key: string;
    token: string;
    state: 'open' | 'sealed' | 'completed';
    /** Sum of the parts so far. */
    uploaded_bytes: Generated<number>;
    rows: number | null;
    bytes: number | null;
    sha256: string | null;
    /** All bytes of a small file, from when it is sealed until it is sent. */
    body: Buffer | null;
    etag: string | null;
    /** When the object was deleted, since a later run has replaced it. */
    removed_at: Timestamp | null;
  };
  upload_parts: {
    run_id: string;
    upload_id: string;
    part_number: number;
    etag: string;
    bytes: number;
    crc32: string;
  };
  secrets: {
    version: string;
    customer_id: string | null;
    connection_id: string | null;
    field: string;
    key_id: string;
    wrapped_key: Buffer;
    nonce: Buffer;
    ciphertext: Buffer;
    created_at: Timestamp;
  };
  idempotency_keys: {
    api_key_id: string;
    key: string;
    body_hash: string;
    response: Json<unknown> | null;
    created_at: Timestamp;
  };
}

/** A pool, or a transaction on one of its connections. Tables are those of {@link schemaName}. */
export type Db = Kysely<Database>;

const int8 = 20;
const timestamptz = 1184;

/**
 * Opens a pool. Nothing is sent before the first query.
 *
 * `int8` comes back as a number and throws beyond 2^53; timestamps come back as ISO text.
 * Queries throw CausewayError `database_unreachable` when there is no connection to be had.
 */
export function connect(databaseUrl: string): Db {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'causeway',
    max: 20,
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => {
        if (oid === int8) return safeInteger;
        if (oid === timestamptz) return isoFromPostgres;
        return format === 'binary'
          ? pg.types.getTypeParser(oid, 'binary')
          : pg.types.getTypeParser(oid, 'text');
      },
    },
  });
  // The pool has dropped that connection already; the next query opens another or tells why not.
  // While a client is lent the pool does not listen: a lost connection fails the query
  // that is under way, and must not end the process besides.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const told = {
    connect: () => pool.connect().then(lendTold, (error: unknown) => refuse(databaseUrl, error)),
    end: () => pool.end(),
    options: pool.options,
  };
  const lendTold = tellingLosses((error) => refuse(databaseUrl, error));
  const dialect = new PostgresDialect({ pool: told });
  return new Kysely<Database>({ dialect }).withSchema(schemaName);
}

/** Runs `work` in a transaction: in the one that `db` is, or in a new one. */
export function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

function refuse(databaseUrl: string, cause: unknown): never {
  const details = { server: serverOf(databaseUrl), reason: reasonOf(cause) };
  throw new CausewayError('database_unreachable', details, { cause });
}

/** Host, port and database; never the user or the password. */
function serverOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

/** Node tells of several addresses tried in one error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`Cannot hold "${text}" in a number exactly`);
  return value;
}
