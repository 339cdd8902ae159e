import type { ContextKeys } from './policy-variables.ts';

type Value = string | readonly string[];

/**
 * The condition keys of a request, put together when the first of them is asked for:
 * most statements are settled by action and resource, and never ask.
 */
export class RequestContext implements ContextKeys {
  readonly #gather: () => Map<string, Value>;
  #keys: Map<string, Value> | null = null;

  constructor(gather: () => Map<string, Value>) {
    this.#gather = gather;
  }

  get(key: string): Value | undefined {
    return this.#all().get(key);
  }

  has(key: string): boolean {
    return this.#all().has(key);
  }

  get size(): number {
    return this.#all().size;
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<Value> {
    return this.#all().values();
  }

  entries(): MapIterator<[string, Value]> {
    return this.#all().entries();
  }

  forEach(visit: (value: Value, key: string, map: ContextKeys) => void): void {
    for (const [key, value] of this.#all()) visit(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  #all(): Map<string, Value> {
    this.#keys ??= this.#gather();
    return this.#keys;
  }
}
