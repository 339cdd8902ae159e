import { randomBytes } from 'node:crypto';

const orderBytes = 8;
const randomLength = 16;

/** Makes ids in the order of time, so that a listing finds its place again when a version is gone. */
export class VersionIds {
  #last = 0n;

  next(): string {
    const time = BigInt(Date.now()) * 1000n;
    this.#last = time > this.#last ? time : this.#last + 1n;
    const bytes = Buffer.alloc(orderBytes);
    bytes.writeBigUInt64BE(this.#last);
    return Buffer.concat([bytes, randomBytes(randomLength)]).toString('base64url');
  }
}

/** Whether the version with id `a` was made before that with id `b`; null when one of them is `null`. */
export function isOlder(a: string, b: string): boolean | null {
  if (a === 'null' || b === 'null') return null;
  return orderOf(a) < orderOf(b);
}

function orderOf(id: string): bigint {
  return Buffer.from(id, 'base64url').readBigUInt64BE();
}
