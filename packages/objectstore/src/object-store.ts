import type { Readable } from 'node:stream';
import type { StoreCapabilities } from './store-capabilities.ts';

/**
 * A bucket as a port.
 *
 * Adapters answer with {@link CausewayError}s: `access_denied`, `bucket_not_found`,
 * `object_exists` (a create-only write met foreign content), `object_not_found`,
 * `upload_not_found`, `integrity_violated` (a checksum did not fit),
 * `credentials_rejected`, `bucket_region_mismatch`, `store_refused` (any other
 * refusal), `store_unavailable` (transient, after the adapter's own retries). Writes are
 * create-only and idempotent: a write whose answer was lost is settled by reading
 * back, so that repeating one that took effect succeeds.
 */
export interface ObjectStore extends ObjectReader {
  readonly capabilities: StoreCapabilities;
  /** Starts an upload. Nothing is visible before {@link completeMultipartUpload}. */
  createMultipartUpload(input: CreateUpload): Promise<string>;
  uploadPart(input: UploadPart): Promise<UploadedPart>;
  /** Makes the object visible, create-only. Safe to repeat, also by another process. */
  completeMultipartUpload(input: CompleteUpload): Promise<WrittenObject>;
  /** Forgets an upload, also when the store's signal has fired. An upload that is already gone is no error. */
  abortMultipartUpload(input: { readonly key: string; readonly uploadId: string }): Promise<void>;
  /**
   * Uploads under `prefix` that are neither completed nor aborted, whoever began them: the
   * only way to one whose id was lost.
   *
   * @throws CausewayError `access_denied` where listing uploads is not permitted; no flow needs it.
   */
  listUploads(prefix: string): Promise<readonly ListedUpload[]>;
  /** Whether the answer to a creation was lost, so that an upload may be there whose id nobody knows. */
  mayHaveStrays(): boolean;
  /** An object that is not there is no error. Where the bucket keeps versions it is hidden, and not destroyed. */
  deleteObject(key: string): Promise<void>;
  /** Writes a small object in one request, create-only. Safe to repeat with the same bytes. */
  putObject(input: PutObject): Promise<WrittenObject>;
}

export interface ObjectReader {
  /** Where this store looks, for messages: `s3://bucket` or a folder. */
  readonly name: string;
  headObject(key: string): Promise<ObjectHead | null>;
  /** @throws CausewayError `object_not_found`. The stream fails when it ends short or its checksum is wrong. */
  getObject(key: string): Promise<Readable>;
  /** Keys under `prefix` in UTF-8 order, page by page. */
  listObjects(prefix: string): AsyncIterable<ListedObject>;
}

export interface CreateUpload {
  readonly key: string;
  readonly contentType: string;
  /** Stored as `x-amz-meta-cw-token`: how a writer knows its own object again. */
  readonly token: string;
}

export interface UploadPart {
  readonly key: string;
  readonly uploadId: string;
  /** From 1, without gaps. */
  readonly partNumber: number;
  readonly body: Uint8Array;
  /** CRC-32 of the body in base64, when the caller has it already. */
  readonly crc32?: string;
  readonly signal?: AbortSignal;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly bytes: number;
  /** Base64, as S3 wants it back on completion. */
  readonly crc32: string;
}

export interface CompleteUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly UploadedPart[];
  readonly token: string;
  /**
   * Another process may have sent this before. Then "it is already there", where
   * reading back is forbidden, counts as success with the proof `unverified`.
   */
  readonly sentBefore?: boolean;
}

export interface PutObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly token: string;
  /**
   * Another process may have sent this before. Then "it is already there", where
   * reading back is forbidden, counts as success with the proof `unverified`.
   */
  readonly sentBefore?: boolean;
}

export interface WrittenObject {
  readonly etag: string;
  /** `unverified`: the answer was lost and reading back is not permitted, so success is probable, not proved. */
  readonly proof: 'answered' | 'read_back' | 'unverified';
}

export interface ObjectHead {
  readonly bytes: number;
  readonly etag: string;
  readonly token: string | null;
}

export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}
