import { setTimeout as sleep } from 'node:timers/promises';
import { ClientGone } from '../http/aws-error.ts';
import type { Fault, FaultEffect } from './fault.ts';

/** What a fault looks at in a request. */
export interface FaultTarget {
  readonly operation: string;
  readonly bucket: string | null;
  readonly key: string | null;
  /** Aborted when the client goes away. */
  readonly clientGone: AbortSignal;
}

export interface FaultReport extends Fault {
  readonly id: string;
  readonly caught: number;
  /** How many requests it holds now. */
  readonly holding: number;
}

/** What is left to do for a request that was caught. */
export interface Caught {
  readonly faultId: string;
  readonly effect: Exclude<FaultEffect, { readonly type: 'hold' | 'delay' }> | null;
}

interface ArmedFault {
  readonly id: string;
  readonly fault: Fault;
  readonly deleted: AbortController;
  matched: number;
  caught: number;
  holding: number;
}

/** The faults in force, and the requests they hold. */
export class FaultPlan {
  readonly #armed = new Map<string, ArmedFault>();
  #count = 0;

  add(fault: Fault): string {
    const id = `fault-${++this.#count}`;
    this.#armed.set(id, {
      id,
      fault,
      deleted: new AbortController(),
      matched: 0,
      caught: 0,
      holding: 0,
    });
    return id;
  }

  /** Ends a fault; what it holds goes on. False when there is none of this id. */
  delete(id: string): boolean {
    const armed = this.#armed.get(id);
    if (!armed) return false;
    this.#armed.delete(id);
    armed.deleted.abort();
    return true;
  }

  deleteAll(): void {
    for (const id of [...this.#armed.keys()]) this.delete(id);
  }

  list(): FaultReport[] {
    return [...this.#armed.values()].map(({ id, fault, caught, holding }) => ({
      id,
      ...fault,
      caught,
      holding,
    }));
  }

  /**
   * Lets a request run into the first fault that catches it, and waits as long as that says.
   *
   * @returns null when none does.
   * @throws ClientGone when the client went away while its request was held.
   */
  async meet(target: FaultTarget, onCaught: (faultId: string) => void): Promise<Caught | null> {
    const armed = this.#catching(target);
    if (!armed) return null;
    onCaught(armed.id);
    const { effect } = armed.fault;
    if (effect.type === 'hold') {
      await hold(armed, target.clientGone);
      return { faultId: armed.id, effect: null };
    }
    if (effect.type === 'delay') {
      await delay(armed, effect.milliseconds);
      return { faultId: armed.id, effect: null };
    }
    return { faultId: armed.id, effect };
  }

  #catching(target: FaultTarget): ArmedFault | null {
    for (const armed of this.#armed.values()) {
      if (!matches(armed.fault, target)) continue;
      armed.matched++;
      if (armed.matched <= (armed.fault.skip ?? 0)) continue;
      if (armed.caught >= (armed.fault.times ?? Number.POSITIVE_INFINITY)) continue;
      armed.caught++;
      return armed;
    }
    return null;
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.operation === '*' || fault.operation === target.operation) &&
    (fault.bucket === undefined || fault.bucket === target.bucket) &&
    (fault.keyIncludes === undefined || (target.key ?? '').includes(fault.keyIncludes))
  );
}

/** A client that was killed right before the fault is deleted has this long to be noticed. */
const noticeMilliseconds = 50;

async function hold(armed: ArmedFault, clientGone: AbortSignal): Promise<void> {
  armed.holding++;
  await firstAborted(armed.deleted.signal, clientGone);
  if (!clientGone.aborted) await sleep(noticeMilliseconds);
  armed.holding--;
  if (clientGone.aborted) throw new ClientGone();
}

/** Ends early when the fault is deleted. */
async function delay(armed: ArmedFault, milliseconds: number): Promise<void> {
  try {
    await sleep(milliseconds, null, { signal: armed.deleted.signal });
  } catch (error) {
    if (!armed.deleted.signal.aborted) throw error;
  }
}

function firstAborted(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    for (const signal of signals) signal.addEventListener('abort', done);
  });
}
