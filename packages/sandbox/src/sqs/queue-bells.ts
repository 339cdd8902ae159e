import type { Clock } from '../clock.ts';
import type { State } from '../state/state.ts';

/** Wakes those who wait for a message of a queue. */
export class QueueBells {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Rings for every message that is put or changed, and for all queues when the clock is moved. */
  constructor(state: State, clock: Clock) {
    state.watch(({ table, key, value }) => {
      if (table !== state.messages.name || value === undefined) return;
      this.#ring(key.slice(0, key.lastIndexOf('/') + 1));
    });
    clock.onAdvance(() => {
      for (const queue of [...this.#waiting.keys()]) this.#ring(queue);
    });
  }

  /** Returns when something may have come, when `milliseconds` are over, or when the waiter goes away. */
  wait(queue: string, milliseconds: number, gone: AbortSignal): Promise<void> {
    if (gone.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(queue) ?? new Set();
      this.#waiting.set(queue, waiters);
      const end = () => {
        clearTimeout(timer);
        gone.removeEventListener('abort', end);
        waiters.delete(end);
        if (waiters.size === 0) this.#waiting.delete(queue);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      gone.addEventListener('abort', end);
      waiters.add(end);
    });
  }

  #ring(queue: string): void {
    for (const end of [...(this.#waiting.get(queue) ?? [])]) end();
  }
}
