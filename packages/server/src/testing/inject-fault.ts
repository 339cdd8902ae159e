import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultReport } from '@causeway/sandbox';

export interface InjectedFault {
  /** Resolves when it has caught so many requests. */
  caught(count?: number): Promise<void>;
  /** Resolves when it holds a request, or its answer. */
  holding(): Promise<void>;
  /** Ends it and lets go what it holds. @returns how many requests it caught. */
  remove(): Promise<number>;
}

/** Longer than any request needs to come on a machine that is busy. */
const patienceMs = 30_000;

/** Makes something go wrong in the sandbox from now on. */
export async function injectFault(sandboxUrl: string, fault: Fault): Promise<InjectedFault> {
  const faults = new URL('/_sandbox/faults', sandboxUrl);
  const answer = await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  assert.equal(answer.status, 201, 'the sandbox takes the fault');
  const { id } = (await answer.json()) as { id: string };
  const count = async (what: 'caught' | 'holding') => {
    const list = (await (await fetch(faults)).json()) as { faults: FaultReport[] };
    return list.faults.find((armed) => armed.id === id)?.[what] ?? 0;
  };
  const until = async (what: 'caught' | 'holding', wanted: number) => {
    const deadline = performance.now() + patienceMs;
    while ((await count(what)) < wanted) {
      assert.ok(performance.now() < deadline, `no ${fault.operation} came to be ${what}`);
      await sleep(10);
    }
  };
  return {
    caught: (wanted = 1) => until('caught', wanted),
    holding: () => until('holding', 1),
    async remove() {
      const caught = await count('caught');
      await fetch(`${faults}/${id}`, { method: 'DELETE' });
      return caught;
    },
  };
}
