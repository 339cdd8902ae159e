import {
  CausewayError,
  defaultKeyTemplate,
  type ErrorCode,
  flowPrefix,
  type RecipientState,
  type RunFailure,
} from '@causeway/contract';
import {
  LeaseLostError,
  type RecipientChange,
  type RecipientWork,
  type RunWork,
} from './journal.ts';
import { dataPrefix, manifestPrefix, type RunKeys } from './object-keys.ts';
import { planRetry } from './retry-policy.ts';
import type { BucketScope, OpenBucket, RunDeps } from './run-deps.ts';

export type Progress = Exclude<RecipientState, 'preparing'>;

const noRequests = () => ({ s3: 0, sts: 0, retries: 0 });

const settledStates: readonly RecipientState[] = ['delivered', 'unchanged', 'failed', 'cancelled'];

/** Whoever cancels a run waits no longer for a bucket that does not answer, but for the grace of one call. */
const cancelPatienceMs = 5_000;

export interface RecipientSignals {
  /** The run does not go on here. */
  readonly run: AbortSignal;
  /**
   * Ends calls of the bucket. Not aborted when only the run is given up: what was begun is
   * still cleared away.
   */
  readonly calls: AbortSignal;
}

/** One customer's part of a run, while a worker has it in hand. */
export class RunRecipientWork {
  readonly work: RecipientWork;
  readonly keys: RunKeys;
  progress: Progress;
  readonly #run: RunWork;
  readonly #deps: RunDeps;
  readonly #signals: RecipientSignals;
  /** Ends calls of the bucket. */
  #calls: AbortSignal;
  #bucket: OpenBucket | undefined;
  #connection: RecipientWork['connection'];
  #requests = noRequests();
  /** Once it may have been sent, its sequence number is taken for good. */
  manifestMayBeSent: boolean;

  constructor(run: RunWork, work: RecipientWork, deps: RunDeps, signals: RecipientSignals) {
    this.#run = run;
    this.#deps = deps;
    this.#signals = signals;
    this.#calls = signals.calls;
    this.work = work;
    this.#connection = work.connection;
    this.manifestMayBeSent = work.manifest !== null;
    // What was being prepared cannot be resumed: the bytes are gone with their worker.
    this.progress = work.state === 'preparing' ? 'planned' : work.state;
    this.keys = {
      prefix: work.connection ? flowPrefix(work.connection, 'deliver') : '',
      dataset: run.dataset.name,
      customer: work.customerId,
      deliveryId: run.delivery.id,
      keyTemplate:
        run.delivery.keyTemplate ??
        defaultKeyTemplate({ ...run.delivery, partitioned: run.delivery.partitionBy.length > 0 }),
      runId: run.lease.runId,
      createdAt: run.createdAt,
    };
  }

  get customerId(): string {
    return this.work.customerId;
  }

  get isSettled(): boolean {
    return settledStates.includes(this.progress);
  }

  /** All is uploaded: what is left is to commit. */
  get isUnderway(): boolean {
    return this.progress === 'prepared' || this.progress === 'committing';
  }

  /**
   * Its window was delivered before, and keys were to be forgotten since: it gets these and
   * nothing of the source.
   */
  get sendsKeysOnly(): boolean {
    return this.work.deliveredByRunId !== null && this.work.forget !== null;
  }

  /** Makes sure that the connection still works and is safe, before anything is sent. */
  async refresh(): Promise<void> {
    if (!this.#connection) return;
    this.#connection = await this.#deps.refreshConnection(this.#connection, this.#signals.run);
  }

  /**
   * The customer's bucket, under credentials narrowed to this dataset's keys.
   *
   * @throws CausewayError `connection_not_ready`.
   */
  open(): OpenBucket {
    if (this.#bucket) return this.#bucket;
    const connection = this.#connection;
    if (!connection) {
      throw new CausewayError('no_recipients', {
        deliveryId: this.#run.delivery.id,
        reason: `customer "${this.customerId}" has no connection with capability "deliver"`,
      });
    }
    this.#bucket = this.#deps.openBucket(connection, {
      ...this.#session(),
      prefixes: [dataPrefix(this.keys), manifestPrefix(this.keys)],
      finishing: this.progress === 'committing',
      removing: false,
    });
    return this.#bucket;
  }

  /**
   * The same bucket under credentials that may delete files of this dataset and nothing else.
   * To be closed by who asks.
   *
   * @throws CausewayError `connection_not_ready`.
   */
  openToRemove(): OpenBucket {
    const connection = this.#connection;
    if (!connection) throw new Error('Cannot delete what was delivered without a connection');
    const prefixes = [dataPrefix(this.keys)];
    const scope = { ...this.#session(), prefixes, finishing: true, removing: true };
    return this.#deps.openBucket(connection, scope);
  }

  /** What its sessions have in common. */
  #session(): Pick<BucketScope, 'sessionName' | 'signal' | 'onRequest'> {
    return {
      sessionName: `causeway-${this.keys.runId}`,
      signal: this.#calls,
      onRequest: ({ service, isRetry }) => {
        this.#requests[service]++;
        if (isRetry) this.#requests.retries++;
      },
    };
  }

  /** Whether a key is one of this delivery's as it writes now. */
  owns(key: string): boolean {
    return key.startsWith(dataPrefix(this.keys));
  }

  close(): void {
    this.#bucket?.close();
  }

  /** Forgets uploads that will never be completed. */
  async abortUploads(): Promise<void> {
    const { lease } = this.#run;
    const uploads = await this.#deps.journal.uploadsOf(lease, this.customerId);
    const open = uploads.filter((upload) => upload.state !== 'completed');
    // What was kept here first: for that no bucket need answer.
    const [kept, begun] = [open.filter(({ body }) => body), open.filter(({ body }) => !body)];
    for (const { uploadId } of kept) await this.#deps.journal.dropUpload(lease, uploadId);
    for (const { key, uploadId } of begun) {
      await this.open().abortMultipartUpload({ key, uploadId });
      await this.#deps.journal.dropUpload(lease, uploadId);
    }
    if (begun.length > 0) this.log('recipient:cleaned_up', `${begun.length} uploads aborted`);
  }

  /**
   * Aborts uploads of this run whose ids were lost, with an answer or with a worker that was
   * killed. For when all others are completed or aborted. Where uploads may not be listed,
   * these are left to the bucket's lifecycle rule.
   */
  async sweepStrays(): Promise<void> {
    const bucket = this.open();
    if (this.#run.lease.attempt === 1 && !bucket.mayHaveStrays()) return;
    try {
      const uploads = [...(await bucket.listUploads(dataPrefix(this.keys)))];
      if (this.#run.dataset.deletedColumn !== null || this.work.forget !== null) {
        uploads.push(...(await bucket.listUploads(manifestPrefix(this.keys))));
      }
      const strays = uploads.filter(({ key }) => key.includes(this.keys.runId));
      for (const stray of strays) await bucket.abortMultipartUpload(stray);
      if (strays.length > 0) this.log('recipient:swept', `${strays.length} uploads aborted`);
    } catch (error) {
      if (this.#signals.run.aborted) throw error;
      this.log('recipient:unswept', `uploads may stay behind: ${String(error)}`, error);
    }
  }

  /**
   * Aborts what earlier runs could not, as their role had lost its rights. What lies where this
   * delivery does not write any more its credentials do not reach.
   */
  async abortLeft(): Promise<void> {
    const places = [dataPrefix(this.keys), manifestPrefix(this.keys)];
    const left = this.work.left.filter(({ key }) => places.some((place) => key.startsWith(place)));
    if (left.length === 0) return;
    try {
      for (const upload of left) await this.open().abortMultipartUpload(upload);
      await this.#deps.journal.dropLeft(this.#run.lease, left);
      this.log('recipient:cleaned_up', `${left.length} uploads of earlier runs aborted`);
    } catch (error) {
      if (this.mustPassOn(error)) throw error;
      this.log('recipient:unswept', `uploads of earlier runs stay: ${String(error)}`, error);
    }
  }

  async update(change: RecipientChange): Promise<void> {
    const requests = this.#requests;
    this.#requests = noRequests();
    const counted = { ...change, requests };
    await this.#deps.journal.updateRecipient(this.#run.lease, this.customerId, counted);
    if (change.state !== undefined && change.state !== 'preparing') this.progress = change.state;
  }

  async settle(state: 'delivered' | 'unchanged', change: RecipientChange = {}): Promise<void> {
    await this.update({ ...change, state });
    this.log(`recipient:${state}`);
  }

  /**
   * Runs one stage and turns its failure into this recipient's, so that the others
   * go on. What another worker must take up is thrown.
   */
  async guard(stage: () => Promise<void>): Promise<void> {
    try {
      await stage();
    } catch (error) {
      if (this.mustPassOn(error)) throw error;
      const { attempt } = this.#run.lease;
      if (this.progress === 'committing' && (this.manifestMayBeSent || mayPass(error, attempt))) {
        // The customer may have its manifest, or will: the run is released, and whoever
        // takes it up goes on from here.
        this.log('recipient:interrupted', String(error), error);
        return;
      }
      await this.fail(error);
    }
  }

  /** Whether another worker must take up what failed so, and it says nothing of this recipient. */
  mustPassOn(error: unknown): boolean {
    if (error instanceof LeaseLostError || this.#signals.run.aborted) return true;
    // Without the journal nobody's part can go on, and none has failed.
    return CausewayError.is(error, 'database_unreachable');
  }

  async fail(error: unknown): Promise<void> {
    await this.#clearAway().catch((cause: unknown) => {
      if (cause instanceof LeaseLostError) throw cause;
      this.log('recipient:interrupted', `its uploads stay for now: ${String(cause)}`, cause);
    });
    const failure = this.failureOf(error);
    const retry = planRetry(error, failure.side, this.#run.retries);
    await this.update({ state: 'failed', failure, retry });
    this.log('recipient:failed', String(error), error);
  }

  /**
   * Ends its part before the commit. What its bucket does not let us clear away soon stays: it
   * is invisible, and the bucket's lifecycle rule ends it.
   */
  async cancel(): Promise<void> {
    const mayHaveUploads = this.work.state !== 'planned';
    if (mayHaveUploads) {
      this.#calls = AbortSignal.any([this.#calls, AbortSignal.timeout(cancelPatienceMs)]);
      await this.#clearAway().catch((cause: unknown) => {
        if (cause instanceof LeaseLostError || this.#signals.run.aborted) throw cause;
        this.log('recipient:interrupted', `its uploads stay for now: ${String(cause)}`, cause);
      });
    }
    await this.update({ state: 'cancelled' });
    this.log('recipient:cancelled');
  }

  /** What went wrong, as the API shows it, with what a check would say of it. */
  failureOf(error: unknown): RunFailure {
    const connection = this.#connection;
    const explained =
      CausewayError.is(error) && connection ? this.#deps.explainFailure(error, connection) : null;
    return { ...failureOf(error), ...explained };
  }

  async #clearAway(): Promise<void> {
    await this.abortUploads();
    await this.sweepStrays();
  }

  log(event: Parameters<RunDeps['log']>[0]['event'], message?: string, error?: unknown): void {
    const { runId } = this.keys;
    this.#deps.log({
      event,
      runId,
      customerId: this.customerId,
      ...(message !== undefined && { message }),
      ...(error !== undefined && { error }),
    });
  }
}

/** A fault of ours does not go away by itself: so often it is given another chance. */
const attemptsDespiteFaults = 5;

function mayPass(error: unknown, attempt: number): boolean {
  if (CausewayError.is(error)) return error.retry === 'later';
  return attempt < attemptsDespiteFaults;
}

/** A failure as the API shows it. A bug's own words stay in the log. */
function failureOf(error: unknown): RunFailure {
  if (CausewayError.is(error)) {
    const { code, message, hint } = error;
    return { code, message, hint, side: sideOf(error), cause: null };
  }
  return {
    code: 'internal',
    message: 'Cannot finish this part of the run: there is a fault in Causeway',
    hint: "Look for the run's id in the server's log and report it",
    side: 'operator',
    cause: null,
  };
}

/** Whose turn it is; everything else is the operator's. */
const sides: Partial<Record<ErrorCode, RunFailure['side']>> = {
  access_denied: 'customer',
  bucket_not_found: 'customer',
  bucket_region_mismatch: 'customer',
  object_exists: 'customer',
  role_not_assumable: 'customer',
  upload_not_found: 'customer',
  store_unavailable: 'aws',
};

function sideOf(error: CausewayError): RunFailure['side'] {
  if (CausewayError.is(error, 'connection_not_ready')) return error.details.side ?? 'customer';
  return sides[error.code] ?? 'operator';
}
