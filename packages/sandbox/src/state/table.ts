import { SortedKeys } from './sorted-keys.ts';

/** One change to one record; `value` is absent when the record goes. */
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly value?: unknown;
}

/**
 * Records by key, in memory, in UTF-8 order of their keys.
 *
 * Reading is direct; writing goes through changes that `State.commit` makes
 * durable first, several of them as one.
 */
export class Table<T> {
  readonly name: string;
  readonly #records = new Map<string, T>();
  readonly #keys = new SortedKeys();

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#records.size;
  }

  get(key: string): T | undefined {
    return this.#records.get(key);
  }

  has(key: string): boolean {
    return this.#records.has(key);
  }

  put(key: string, value: T): Change {
    return { table: this.name, key, value };
  }

  remove(key: string): Change {
    return { table: this.name, key };
  }

  /** The first key that is not before `from`. */
  seek(from: string): string | undefined {
    return this.#keys.seek(from);
  }

  /** Keys from `from` on, in order. The table must not change while they are read. */
  keysFrom(from: string): Generator<string> {
    return this.#keys.from(from);
  }

  /** Keys with this prefix, in order. */
  *keysUnder(prefix: string): Generator<string> {
    for (const key of this.#keys.from(prefix)) {
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  /** Records whose key has this prefix, in order. */
  *under(prefix: string): Generator<T> {
    for (const key of this.keysUnder(prefix)) {
      const record = this.#records.get(key);
      if (record !== undefined) yield record;
    }
  }

  /** Takes a change in. For `State` alone: nothing here makes it durable. */
  apply(change: Change): void {
    if (change.value === undefined) {
      if (this.#records.delete(change.key)) this.#keys.delete(change.key);
      return;
    }
    if (!this.#records.has(change.key)) this.#keys.add(change.key);
    this.#records.set(change.key, change.value as T);
  }

  /** Takes in changes of a log that is read again: all of them, and the order of keys once at the end. */
  load(change: Change): void {
    if (change.value === undefined) this.#records.delete(change.key);
    else this.#records.set(change.key, change.value as T);
  }

  /** Ends loading: before this no order is known. */
  endLoading(): void {
    this.#keys.replace([...this.#records.keys()]);
  }

  /** All records as the changes that would make them. */
  *dump(): Generator<Change> {
    for (const key of this.#keys.from('')) {
      yield { table: this.name, key, value: this.#records.get(key) };
    }
  }
}
