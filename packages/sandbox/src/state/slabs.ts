/** Large enough that handing a slab on costs little beside what is done with it. */
export const slabBytes = 1024 * 1024;
/** So many are kept for later. */
const maxFree = 16;

/** Pieces of memory that threads share, used again and again: no body leaves garbage behind. */
export class Slabs {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.from(new SharedArrayBuffer(slabBytes));
  }

  /** Only when nobody reads or writes it any more. */
  giveBack(slab: Buffer): void {
    if (this.#free.length < maxFree) this.#free.push(slab);
  }
}
