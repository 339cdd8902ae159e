import { compareUtf8 } from './compare-utf8.ts';

/** Large enough to keep few chunks, small enough that inserting into one costs little. */
const maxChunkLength = 1024;
/** A full left half wastes no room: keys mostly arrive in order. */
const splitLength = Math.floor(maxChunkLength * 0.75);

/** Characters that UTF-16 and UTF-8 may order differently. */
const unlikeUtf16 = /[\ud800-\uffff]/;

/** A set of strings in UTF-8 order: adding, removing and seeking cost O(log n). */
export class SortedKeys {
  #chunks: string[][] = [];
  /**
   * Whether JavaScript's own order, much faster, is that of UTF-8: as long as no
   * key holds a character from U+D800 on, whatever it is compared to.
   */
  #isPlain = true;

  /** Takes in the place of all keys these, each there once, in any order. */
  replace(keys: string[]): void {
    this.#isPlain = !keys.some((key) => unlikeUtf16.test(key));
    if (this.#isPlain) keys.sort();
    else keys.sort(compareUtf8);
    this.#chunks = [];
    for (let at = 0; at < keys.length; at += splitLength) {
      this.#chunks.push(keys.slice(at, at + splitLength));
    }
  }

  add(key: string): void {
    if (this.#isPlain && unlikeUtf16.test(key)) this.#isPlain = false;
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (!chunk) {
      this.#chunks.push([key]);
      return;
    }
    const at = this.#firstNotBefore(chunk, key);
    if (chunk[at] === key) return;
    chunk.splice(at, 0, key);
    if (chunk.length > maxChunkLength) {
      this.#chunks.splice(index + 1, 0, chunk.splice(splitLength));
    }
  }

  delete(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (!chunk) return;
    const at = this.#firstNotBefore(chunk, key);
    if (chunk[at] !== key) return;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** The first key that is not before `from`. */
  seek(from: string): string | undefined {
    const index = this.#chunkFor(from);
    const chunk = this.#chunks[index];
    if (!chunk) return undefined;
    return chunk[this.#firstNotBefore(chunk, from)] ?? this.#chunks[index + 1]?.[0];
  }

  /** Keys from `from` on. The set must not change while they are read. */
  *from(from: string): Generator<string> {
    let index = this.#chunkFor(from);
    let at = this.#firstNotBefore(this.#chunks[index] ?? [], from);
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
      if (this.#isBefore(key, this.#chunks[middle]?.[0] ?? '')) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  #firstNotBefore(chunk: readonly string[], key: string): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isBefore(chunk[middle] ?? '', key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isBefore(a: string, b: string): boolean {
    return this.#isPlain ? a < b : compareUtf8(a, b) < 0;
  }
}
