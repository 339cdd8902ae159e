import type { CausewayError, Connection, RunFailure, Window } from '@causeway/contract';
import type { CursorWindow, Engine, EngineSource } from '@causeway/engine';
import type { Digester, ObjectStore, PartMemory, RequestWatch } from '@causeway/objectstore';
import type { RunJournal, RunWork } from './journal.ts';
import type { SigningKey } from './signature.ts';

/** What a run needs of the outside. */
export interface RunDeps {
  readonly journal: RunJournal;
  readonly engine: Pick<Engine, 'unload'>;
  /**
   * The connection as it is now, checked again if its last check is too old to rely on:
   * asked before anything is sent, and never of a delivery whose commit has begun.
   *
   * @throws CausewayError `connection_not_ready` when the check did not pass.
   */
  readonly refreshConnection: (connection: Connection, signal: AbortSignal) => Promise<Connection>;
  /**
   * Opens a customer's bucket under that customer's credentials, good for nothing
   * but the given key prefixes.
   *
   * @throws CausewayError `connection_not_ready`.
   */
  readonly openBucket: (connection: Connection, scope: BucketScope) => OpenBucket;
  /**
   * What a failed call to a customer's bucket or role comes from, in the words of a check of the
   * connection; null for what no check would find.
   */
  readonly explainFailure: (error: CausewayError, connection: Connection) => FailureCause | null;
  /**
   * Opens the source of a run, once for all that the run reads of it.
   *
   * @throws CausewayError `source_not_readable` and the like.
   */
  readonly openSource: (dataset: RunWork['dataset'], signal: AbortSignal) => Promise<OpenSource>;
  readonly signingKey: SigningKey;
  /** Where the SHA-256 of files is computed. */
  readonly digester: Digester;
  /** What the parts of all uploads of this process share. */
  readonly partMemory: PartMemory;
  /**
   * Files up to this size are written in one request, at the commit, and are kept in the journal until
   * then; 0: none. At most `mostSmallBytes`.
   */
  readonly smallFileBytes: number;
  /** How long one bucket may hold up the others of a scan before it is set aside. */
  readonly slowBucketSeconds: number;
  /** Who holds the lease: `<hostname>/<pid>/<random>`. */
  readonly owner: string;
  readonly now: () => Date;
  readonly log: (event: RunEvent) => void;
}

export type FailureCause = Omit<RunFailure, 'code'>;

/** A source as it was when it was opened; it fails rather than give what came later. */
export interface OpenSource {
  readonly source: EngineSource;
  /**
   * Of a source that keeps when each of its rows came: those that came in a window, now and
   * whenever it is read again. Such a source needs no cursor column. If a column is named, it
   * comes after all others and has each row's number, which no other row of the source has.
   */
  readonly within?: (window: Window, positionColumn?: string | null) => EngineSource;
  /**
   * Of a source that can itself leave out what a scan does not need: the same rows and
   * columns, as far as they are needed.
   */
  readonly narrowed?: (needed: NeededRows) => EngineSource;
  /** Of a source that names one itself. */
  readonly primaryKey?: readonly string[];
  /**
   * Which version this is, as an ISO 8601 time: that of its last change. A full delivery
   * sends the version that its window names, or nothing. Null when nobody can tell: then
   * every run of a full delivery sends it anew.
   */
  readonly version: string | null;
  close(): Promise<void>;
}

/** What a scan needs of a source. */
export interface NeededRows {
  /** To be sent, or to be looked at; null: all that there are. */
  readonly columns: readonly string[] | null;
  readonly window: CursorWindow | null;
}

export interface BucketScope {
  readonly prefixes: readonly string[];
  readonly sessionName: string;
  /** What was begun is finished, whatever became of the connection's status since. */
  readonly finishing: boolean;
  /** Deletes what was replaced, and does nothing else. */
  readonly removing: boolean;
  /** Ends every call. */
  readonly signal: AbortSignal;
  readonly onRequest: RequestWatch;
}

export interface OpenBucket extends ObjectStore {
  close(): void;
}

/** What a run tells its log; names are those of the states. */
export interface RunEvent {
  readonly event:
    | 'run:taken'
    | 'run:lease_lost'
    | 'run:released'
    | 'run:finished'
    | 'run:cancelling'
    | 'recipient:cleaned_up'
    | 'recipient:swept'
    | 'recipient:unswept'
    | 'recipient:prepared'
    | 'recipient:set_aside'
    | 'recipient:committing'
    | 'recipient:delivered'
    | 'recipient:unverified'
    | 'recipient:removed'
    | 'recipient:unremoved'
    | 'recipient:unchanged'
    | 'recipient:failed'
    | 'recipient:cancelled'
    | 'recipient:interrupted';
  readonly runId: string;
  readonly customerId?: string;
  readonly message?: string;
  /** For the log alone: what it says may be a fault of ours. */
  readonly error?: unknown;
}
