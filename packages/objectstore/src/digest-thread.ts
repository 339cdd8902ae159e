/** The thread of `createThreadedDigester()`: one SHA-256 for each stream under way. */
import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

export interface DigestRequest {
  readonly request: number;
  readonly digest: number;
  readonly type: 'update' | 'finish' | 'discard';
  /** In shared memory: not copied, and not to be changed before the answer. */
  readonly bytes?: Uint8Array;
}

export interface DigestAnswer {
  readonly request: number;
  readonly sha256?: string;
}

const hashes = new Map<number, Hash>();

parentPort?.on('message', ({ request, digest, type, bytes }: DigestRequest) => {
  const hash = hashes.get(digest) ?? createHash('sha256');
  if (type === 'update') {
    hashes.set(digest, hash);
    if (bytes) hash.update(bytes);
  } else {
    hashes.delete(digest);
  }
  const answer: DigestAnswer =
    type === 'finish' ? { request, sha256: hash.digest('hex') } : { request };
  parentPort?.postMessage(answer);
});
