const redacted = '[redacted]';

/**
 * A value that does not show itself: whatever prints, serialises or inspects it
 * gets `[redacted]`. Only {@link reveal} gives it away, so that a search for that
 * word finds every place where a secret leaves its wrapper.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  /** What `console.log`, `util.inspect` and assertion messages show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted;
  }
}
