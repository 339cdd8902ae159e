import type {
  Column,
  Connection,
  Dataset,
  DeliveryTerms,
  RecipientState,
  RunFailure,
  RunRequests,
  RunState,
  Window,
} from '@causeway/contract';
import type { UploadedPart } from '@causeway/objectstore';
import type { RetryPlan } from './retry-policy.ts';

/**
 * What a run writes down before and after each step outside, so that any worker
 * can finish it from here alone. The store implements it in PostgreSQL.
 *
 * Every call carries the lease it was made under and is refused with
 * {@link LeaseLostError} once another worker has taken the run over: a zombie
 * can still reach S3, where its writes are create-only, but not the journal.
 */
export interface RunJournal {
  /**
   * Takes a run up: succeeds when it is not finished and its lease is free, over
   * time, or held by a process of this host that is gone. Raises `attempt`.
   */
  takeRun(runId: string, owner: string): Promise<RunWork | null>;
  /** Keeps the lease for another {@link leaseSeconds}, and hears what was asked for meanwhile. */
  renewLease(lease: Lease): Promise<{ readonly cancelRequested: boolean }>;
  /**
   * Gives the lease back without an end, so that another worker may go on: at once, or not before so
   * many seconds, in which {@link nextRun} passes it over unless somebody cancels it.
   */
  releaseRun(lease: Lease, pauseSeconds?: number): Promise<void>;
  /**
   * Of the runs that {@link takeRun} would take, the one whose turn is first, beside those
   * named. Turns are given by share: who has many runs waiting takes turns with who has one.
   */
  nextRun(owner: string, beside: NotWanted): Promise<WaitingRun | null>;

  updateRecipient(lease: Lease, customerId: string, change: RecipientChange): Promise<void>;
  /** Written before the first part, so that no upload is ever forgotten. */
  openUpload(lease: Lease, upload: OpenUpload): Promise<void>;
  recordPart(lease: Lease, uploadId: string, part: UploadedPart): Promise<void>;
  /** All parts are there; the upload can be completed from the journal alone. */
  sealUpload(lease: Lease, uploadId: string, sealed: SealedUpload): Promise<void>;
  /**
   * Keeps a small file with all its bytes in place of an upload: sealed, and sent in one
   * request at the commit. Its token stands for the id of the upload that it has not.
   */
  keepFile(lease: Lease, file: KeptFile): Promise<void>;
  /** The upload was aborted. */
  dropUpload(lease: Lease, uploadId: string): Promise<void>;
  /**
   * The point of no return for one recipient, in one transaction: state
   * `committing`, the next sequence number of (delivery, customer), and the run
   * that had the number before. Repeating it gives the same numbers. The number of
   * a recipient that failed after all is given again: its manifest was never written.
   */
  beginCommit(lease: Lease, customerId: string, now: Date): Promise<CommitPosition>;
  /** The recipient's uploads that were not dropped, with all their parts, by kind and file index. */
  uploadsOf(lease: Lease, customerId: string): Promise<readonly JournaledUpload[]>;
  /**
   * Keeps the columns that the run sends, if none are kept yet. If it `evolves` its dataset,
   * this gets those of them that it lacks, in the same transaction as the event that says so.
   */
  fixSchema(lease: Lease, columns: readonly Column[], evolves: boolean): Promise<void>;
  /** The object is visible under this ETag; bytes that were kept for it are forgotten. */
  completeUpload(lease: Lease, uploadId: string, etag: string): Promise<void>;
  /** The manifest's exact bytes, kept before they are sent: a repeat sends the same. */
  recordManifest(lease: Lease, customerId: string, manifest: StoredManifest): Promise<void>;
  /**
   * Files of rows that ended runs of this delivery have written for this customer by the same
   * connection, and that were not deleted.
   */
  replacedFiles(lease: Lease, customerId: string): Promise<readonly ReplacedFile[]>;
  /** They are aborted. */
  dropLeft(lease: Lease, uploads: readonly LeftUpload[]): Promise<void>;
  /** They are deleted. */
  recordRemoved(lease: Lease, files: readonly ReplacedFile[]): Promise<void>;
  /** What is known of rows that were sent to these customers, for runs that look back. */
  lookbacks(lease: Lease, customerIds: readonly string[]): Promise<ReadonlyMap<string, Lookback>>;
  /** Fingerprints, of 16 bytes each, of rows from `since` on that were delivered to a customer. */
  knownRows(lease: Lease, customerId: string, since: string): Promise<readonly Buffer[]>;
  /** Forgets what {@link rememberRows} was told in this run, and what no later run asks for. */
  forgetRows(lease: Lease, customerId: string): Promise<void>;
  /** Fingerprints of rows that this run sends. They count once it is delivered, and with that. */
  rememberRows(lease: Lease, customerId: string, fingerprints: Buffer): Promise<void>;
  /**
   * The first request after that one, of those that this run tells a customer of, with its keys as
   * JSON lines; null when there are no more.
   */
  keysToForget(lease: Lease, customerId: string, after: number): Promise<ForgetRequest | null>;
  /** Ends the run and gives the lease back. */
  finishRun(lease: Lease, state: RunState, now: Date): Promise<void>;
}

export interface WaitingRun {
  readonly runId: string;
  /** Whose share of the workers it takes: a customer's, or that of a delivery to several. */
  readonly share: string;
}

/** What a worker does not take now. */
export interface NotWanted {
  readonly runIds: readonly string[];
  readonly shares: readonly string[];
}

/** A lease not renewed for this long is over. */
export const leaseSeconds = 15;
/** How often it is renewed, and so how soon a worker hears that its run is to be cancelled. */
export const renewSeconds = 2;

export interface Lease {
  readonly runId: string;
  readonly owner: string;
  readonly attempt: number;
}

/** Thrown by the journal when another worker has taken the run over. */
export class LeaseLostError extends Error {
  constructor(lease: Lease) {
    super(`Cannot go on with run "${lease.runId}": attempt ${lease.attempt} has lost its lease`);
    this.name = 'LeaseLostError';
  }
}

/** A run as a worker takes it up: what to do, and how far it came before. */
export interface RunWork {
  readonly lease: Lease;
  readonly createdAt: Date;
  /** It is to be ended: nothing is begun any more. */
  readonly cancelRequested: boolean;
  /** How often what it does was tried again by itself. */
  readonly retries: number;
  readonly delivery: Readonly<DeliveryTerms> & { readonly id: string };
  readonly dataset: Readonly<Omit<Dataset, 'createdAt'>>;
  /** The columns that its first scan has sent, written here when that has ended; null before. */
  schema: readonly Column[] | null;
  readonly recipients: readonly RecipientWork[];
}

export interface RecipientWork {
  readonly customerId: string;
  /** The value of the customer column. */
  readonly reference: string;
  readonly connection: Connection | null;
  readonly state: RecipientState;
  readonly window: Window;
  /** The run that delivered this very window before, if any. */
  readonly deliveredByRunId: string | null;
  readonly position: CommitPosition | null;
  /** After which request it tells the keys that were to be forgotten; null when there are none. */
  readonly forget: { readonly after: number } | null;
  readonly manifest: StoredManifest | null;
  /** What ended runs of this delivery could not abort in the same customer's bucket. */
  readonly left: readonly LeftUpload[];
}

export interface CommitPosition {
  readonly sequence: number;
  readonly previousRunId: string | null;
  readonly committedAt: Date;
}

/** What a file holds: rows, or the primary keys of rows that are deleted. */
export type FileKind = 'data' | 'tombstones';

export interface OpenUpload {
  readonly customerId: string;
  readonly kind: FileKind;
  /** From 0 for each kind. */
  readonly fileIndex: number;
  readonly key: string;
  readonly uploadId: string;
  readonly token: string;
}

export interface SealedUpload {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface KeptFile extends Omit<OpenUpload, 'uploadId'>, SealedUpload {
  readonly body: Buffer;
}

export interface JournaledUpload extends OpenUpload {
  readonly state: 'open' | 'sealed' | 'completed';
  readonly parts: readonly UploadedPart[];
  readonly sealed: SealedUpload | null;
  /** All bytes of a file that was kept and is not sent yet: then there is no upload. */
  readonly body: Buffer | null;
  readonly etag: string | null;
}

export interface StoredManifest {
  readonly key: string;
  readonly body: string;
}

export interface Lookback {
  /** How far back the rows that were sent are known; null when this run does not look back. */
  readonly since: string | null;
  /** Stands for all that is known from there on: the same for those who were sent the same. */
  readonly digest: string;
  /** How many rows of earlier runs the next must know. */
  readonly remembered: number;
}

/** Primary keys that receivers are to forget. */
export interface ForgetRequest {
  readonly number: number;
  readonly lines: Buffer;
}

/** An upload of an earlier run that nobody will complete. */
export interface LeftUpload {
  readonly runId: string;
  readonly uploadId: string;
  readonly key: string;
}

/** A file of an earlier run. */
export interface ReplacedFile {
  readonly runId: string;
  readonly uploadId: string;
  readonly key: string;
}

export interface RecipientChange {
  readonly state?: RecipientState;
  readonly rows?: number;
  readonly bytes?: number;
  readonly files?: number;
  readonly deliveredByRunId?: string;
  readonly failure?: RunFailure;
  readonly warning?: RunFailure;
  /** With a failure: null when it is not tried again by itself. */
  readonly retry?: RetryPlan | null;
  /** What was asked of AWS since the last change: it is added to what was written down before. */
  readonly requests?: RunRequests;
}
