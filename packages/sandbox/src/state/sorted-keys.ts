import { compareUtf8 } from './compare-utf8.ts';

/** Large enough to keep few chunks, small enough that inserting into one costs little. */
const maxChunkLength = 1024;

/** A set of strings in UTF-8 order: adding, removing and seeking cost O(log n). */
export class SortedKeys {
  readonly #chunks: string[][] = [];

  add(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (!chunk) {
      this.#chunks.push([key]);
      return;
    }
    const at = firstNotBefore(chunk, key);
    if (chunk[at] === key) return;
    chunk.splice(at, 0, key);
    if (chunk.length > maxChunkLength) this.#split(index, chunk);
  }

  delete(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (!chunk) return;
    const at = firstNotBefore(chunk, key);
    if (chunk[at] !== key) return;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** The first key that is not before `from`. */
  seek(from: string): string | undefined {
    const index = this.#chunkFor(from);
    const chunk = this.#chunks[index];
    if (!chunk) return undefined;
    return chunk[firstNotBefore(chunk, from)] ?? this.#chunks[index + 1]?.[0];
  }

  /** Keys from `from` on. The set must not change while they are read. */
  *from(from: string): Generator<string> {
    let index = this.#chunkFor(from);
    let at = firstNotBefore(this.#chunks[index] ?? [], from);
    for (; index < this.#chunks.length; index++, at = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (; at < chunk.length; at++) yield chunk[at] ?? '';
    }
  }

  /** The last chunk that starts at or before `key`, or the first. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compareUtf8(this.#chunks[middle]?.[0] ?? '', key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #split(index: number, chunk: string[]): void {
    // Keys mostly arrive in order: a full left half wastes no room then.
    const tail = chunk.splice(Math.floor(maxChunkLength * 0.75));
    this.#chunks.splice(index + 1, 0, tail);
  }
}

function firstNotBefore(chunk: readonly string[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareUtf8(chunk[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
