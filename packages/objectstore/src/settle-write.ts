import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CausewayError } from '@causeway/contract';
import { startBackoff } from './backoff.ts';
import type { BucketCalls } from './bucket-calls.ts';
import { bareEtag } from './object-etag.ts';
import type { WrittenObject } from './object-store.ts';
import { failureOf } from './s3-failure.ts';

/** A create-only write, and how to know its object again. */
export interface SettledWrite {
  readonly operation: string;
  readonly key: string;
  readonly token: string;
  readonly bytes: number;
  /** The ETag the object has unless the bucket encrypts with KMS. */
  readonly expectedEtag: () => string;
  /** Whether another process may have sent this write before. */
  readonly sentBefore: boolean;
  /** Whether the store ignores the condition, so that what stands there must be looked for. */
  readonly lookFirst?: boolean;
  /** One attempt; resolves with the ETag. */
  readonly send: (isRetry: boolean) => Promise<string>;
}

/** What stands under the key of a write whose answer said nothing certain. */
type Standing = 'ours' | 'foreign' | 'absent' | 'unreadable' | 'unavailable';

/**
 * Makes a create-only write take effect exactly once, whatever happens to answers.
 *
 * An answer that leaves open whether the write took effect (none at all, 5xx, 409,
 * 412, an upload that is gone) is settled by reading back. What reads back as ours
 * is success; what is absent is written again within the budget.
 *
 * @throws CausewayError `object_exists`, `upload_not_found`, `store_unavailable`,
 * or what a refusal means. `access_denied` on HeadObject when a first attempt met
 * something that may not be read.
 */
export async function settleWrite(calls: BucketCalls, write: SettledWrite): Promise<WrittenObject> {
  const backoff = startBackoff(calls.retryBudgetMs, calls.signal);
  let sentBefore = write.sentBefore;
  for (let isRetry = false; ; isRetry = true) {
    const standing = write.lookFirst ? await look(calls, write) : null;
    if (standing) return standing;
    try {
      return { etag: await write.send(isRetry), proof: 'answered' };
    } catch (error) {
      calls.signal?.throwIfAborted();
      const settled = await settle(calls, write, error, sentBefore);
      if (settled) return settled;
      const failure = failureOf(error);
      sentBefore ||= failure === 'unavailable';
      if (!(await backoff.pause(failure))) throw calls.explain(error, write);
    }
  }
}

/** What is there before a write whose condition the store would ignore: ours, or nothing that can be seen. */
async function look(calls: BucketCalls, write: SettledWrite): Promise<WrittenObject | null> {
  const { standing, etag } = await readBack(calls, write);
  if (standing === 'foreign') throw new CausewayError('object_exists', { key: write.key });
  return standing === 'ours' ? { etag, proof: 'read_back' } : null;
}

/** Decides a failed attempt: the object, a throw, or null for "try again". */
async function settle(
  calls: BucketCalls,
  write: SettledWrite,
  error: unknown,
  sentBefore: boolean,
): Promise<WrittenObject | null> {
  const failure = failureOf(error);
  const mayStand = ['unavailable', 'conflict', 'exists', 'upload_missing'].includes(failure);
  if (!mayStand && !sentBefore) {
    if (failure === 'corrupted') return null;
    throw calls.explain(error, write);
  }
  const { standing, etag } = await readBack(calls, write);
  if (standing === 'ours') return { etag, proof: 'read_back' };
  if (standing === 'foreign') throw new CausewayError('object_exists', { key: write.key });
  const isThere = failure === 'exists' || failure === 'upload_missing';
  if (standing === 'unreadable' && isThere) {
    if (sentBefore) return { etag: write.expectedEtag(), proof: 'unverified' };
    const resource = `s3://${calls.bucket}/${write.key}`;
    throw new CausewayError(
      'access_denied',
      { operation: 'HeadObject', resource },
      { cause: error },
    );
  }
  if (standing === 'absent' && failure === 'upload_missing') throw calls.explain(error, write);
  if (!mayStand && failure !== 'corrupted') throw calls.explain(error, write);
  return null;
}

interface Found {
  readonly standing: Standing;
  readonly etag: string;
}

async function readBack(calls: BucketCalls, write: SettledWrite): Promise<Found> {
  try {
    const head = await calls.once({
      operation: 'HeadObject',
      key: write.key,
      send: (client, options) =>
        client.send(new HeadObjectCommand({ Bucket: calls.bucket, Key: write.key }), options),
    });
    const etag = bareEtag(head.ETag);
    const sameBytes = head.ContentLength === write.bytes && etag === write.expectedEtag();
    const ours = head.Metadata?.['cw-token'] === write.token || sameBytes;
    return { standing: ours ? 'ours' : 'foreign', etag };
  } catch (error) {
    calls.signal?.throwIfAborted();
    const failure = failureOf(error);
    if (failure === 'object_missing') return { standing: 'absent', etag: '' };
    if (failure === 'denied') return readFromListing(calls, write);
    if (failure === 'unavailable') return { standing: 'unavailable', etag: '' };
    throw calls.explain(error, { operation: 'HeadObject', key: write.key });
  }
}

/** Where the object may not be read but its prefix may be listed. */
async function readFromListing(calls: BucketCalls, write: SettledWrite): Promise<Found> {
  try {
    const page = await calls.once({
      operation: 'ListObjectsV2',
      key: write.key,
      send: (client, options) =>
        client.send(
          new ListObjectsV2Command({ Bucket: calls.bucket, Prefix: write.key, MaxKeys: 1 }),
          options,
        ),
    });
    const listed = page.Contents?.find((object) => object.Key === write.key);
    if (!listed) return { standing: 'absent', etag: '' };
    const etag = bareEtag(listed.ETag);
    return { standing: compare(write, listed.Size, etag), etag };
  } catch (error) {
    calls.signal?.throwIfAborted();
    const failure = failureOf(error);
    if (failure === 'denied') return { standing: 'unreadable', etag: '' };
    if (failure === 'unavailable') return { standing: 'unavailable', etag: '' };
    throw calls.explain(error, { operation: 'ListObjectsV2', key: write.key });
  }
}

/** An ETag under KMS is no digest, so of one that differs only the number of parts says something. */
function compare(write: SettledWrite, bytes: number | undefined, etag: string): Standing {
  if (bytes !== write.bytes) return 'foreign';
  if (etag === write.expectedEtag()) return 'ours';
  return partsIn(etag) === partsIn(write.expectedEtag()) ? 'unreadable' : 'foreign';
}

function partsIn(etag: string): string | undefined {
  return etag.split('-')[1];
}
