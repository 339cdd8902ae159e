/** A thread of `DigestThreads`: the digests of every body that is under way in it. */
import { parentPort } from 'node:worker_threads';
import { type DigestName, type RunningChecksum, startChecksum } from './checksum.ts';

export interface DigestRequest {
  readonly request: number;
  readonly body: number;
  readonly type: 'start' | 'update' | 'finish' | 'discard';
  readonly names?: readonly DigestName[];
  /** In shared memory: not copied, and not to be changed before the answer. */
  readonly bytes?: Uint8Array;
}

export interface DigestAnswer {
  readonly request: number;
  /** In the order of the names. */
  readonly digests?: readonly Uint8Array[];
}

const bodies = new Map<number, readonly RunningChecksum[]>();

parentPort?.on('message', ({ request, body, type, names = [], bytes }: DigestRequest) => {
  if (type === 'start') bodies.set(body, names.map(startChecksum));
  const running = bodies.get(body) ?? [];
  if (bytes) for (const checksum of running) checksum.update(bytes);
  if (type === 'finish' || type === 'discard') bodies.delete(body);
  const answer: DigestAnswer =
    type === 'finish'
      ? { request, digests: running.map((checksum) => checksum.digest()) }
      : { request };
  parentPort?.postMessage(answer);
});
