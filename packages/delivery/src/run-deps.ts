import type { Connection, FileSource } from '@causeway/contract';
import type { Engine } from '@causeway/engine';
import type { Digester, ObjectStore } from '@causeway/objectstore';
import type { RunJournal } from './journal.ts';
import type { SigningKey } from './signature.ts';

/** What a run needs of the outside. */
export interface RunDeps {
  readonly journal: RunJournal;
  readonly engine: Engine;
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
   * When the source was last changed: a full delivery sends the version that its window
   * names, or nothing.
   */
  readonly sourceVersion: (source: FileSource) => Promise<Date>;
  readonly signingKey: SigningKey;
  /** Where the SHA-256 of files is computed. */
  readonly digester: Digester;
  /** Who holds the lease: `<hostname>/<pid>/<random>`. */
  readonly owner: string;
  readonly now: () => Date;
  readonly log: (event: RunEvent) => void;
}

export interface BucketScope {
  readonly prefixes: readonly string[];
  readonly sessionName: string;
  /** What was begun is finished, whatever became of the connection's status since. */
  readonly finishing: boolean;
  /** Ends every call. */
  readonly signal: AbortSignal;
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
    | 'recipient:cleaned_up'
    | 'recipient:prepared'
    | 'recipient:committing'
    | 'recipient:delivered'
    | 'recipient:unverified'
    | 'recipient:unchanged'
    | 'recipient:failed'
    | 'recipient:interrupted';
  readonly runId: string;
  readonly customerId?: string;
  readonly message?: string;
  /** For the log alone: what it says may be a fault of ours. */
  readonly error?: unknown;
}
