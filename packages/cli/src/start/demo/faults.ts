/** The sandbox's switch for things that go wrong. */
export interface HeldRequests {
  /** Resolves when at least one request is being held. */
  caught(): Promise<void>;
  /** Lets go what is held and holds no more. */
  release(): Promise<void>;
}

/** How often the sandbox is asked whether a request has come. */
const pollMs = 20;

/** Longer than any step of the demo needs. */
const patienceMs = 60_000;

/**
 * Makes the sandbox hold back every request of one kind, unexecuted: the moment in
 * which a worker can be killed at a known point.
 */
export async function holdRequests(
  sandboxUrl: string,
  match: { readonly operation: string; readonly keyIncludes?: string },
): Promise<HeldRequests> {
  const faults = new URL('/_sandbox/faults', sandboxUrl);
  const response = await fetch(faults, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...match, effect: { type: 'hold' } }),
  });
  const { id } = (await response.json()) as { id: string };
  return {
    async caught() {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        const answer = (await (await fetch(faults)).json()) as {
          faults: { id: string; caught: number }[];
        };
        if (answer.faults.some((fault) => fault.id === id && fault.caught > 0)) return;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
      throw new Error(`Cannot go on: no ${match.operation} came within ${patienceMs / 1000} s`);
    },
    async release() {
      await fetch(new URL(`/_sandbox/faults/${id}`, sandboxUrl), { method: 'DELETE' });
    },
  };
}
