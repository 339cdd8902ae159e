import { setTimeout as sleep } from 'node:timers/promises';

/** Asserts again and again until it holds. @throws What the last attempt threw, after half a minute. */
export async function eventually(holds: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(100);
  }
}
