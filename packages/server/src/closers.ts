/** What must be closed, remembered in the order in which it was opened. */
export interface Closers {
  add(close: () => unknown): void;
  /** Closes all, the last one first, each even if another fails; then throws the first failure. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const stack: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  return {
    add: (close) => stack.push(close),
    close() {
      closing ??= closeAll(stack);
      return closing;
    },
  };
}

async function closeAll(stack: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let close = stack.pop(); close; close = stack.pop()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
