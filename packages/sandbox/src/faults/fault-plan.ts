import { setTimeout as sleep } from 'node:timers/promises';
import { ClientGone } from '../http/aws-error.ts';
import { chance } from './chance.ts';
import type { Fault, FaultEffect } from './fault.ts';

/** What a fault looks at in a request. */
export interface FaultTarget {
  readonly operation: string;
  readonly bucket: string | null;
  readonly key: string | null;
  /** The ARN of who asks; null for nobody known. */
  readonly principal: string | null;
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
  /** From 0 up to 1: where to cut what is cut, unless the effect says so. */
  readonly fraction: number;
  /** Waits until the fault is deleted. Throws {@link ClientGone} when the client went away before. */
  readonly held: () => Promise<void>;
}

/** Whether a request has come in, is about to be read, or has been read and is about to be executed. */
export type FaultMoment = 'arriving' | 'reading' | 'executing';

function momentOf({ type }: FaultEffect): FaultMoment {
  if (type === 'ignore_headers') return 'arriving';
  return type === 'cut_request' ? 'reading' : 'executing';
}

interface ArmedFault {
  readonly id: string;
  readonly fault: Fault;
  /** Its place among the rules that were added with it. */
  readonly rule: number;
  readonly deleted: AbortController;
  matched: number;
  caught: number;
  holding: number;
}

/** The faults in force, and the requests they hold. */
export class FaultPlan {
  readonly #armed = new Map<string, ArmedFault>();
  #count = 0;

  /** @param rule its place among the rules of its plan: each has its own chances. */
  add(fault: Fault, rule = 0): string {
    const id = `fault-${++this.#count}`;
    this.#armed.set(id, {
      id,
      fault,
      rule,
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
  async meet(
    moment: FaultMoment,
    target: FaultTarget,
    onCaught: (faultId: string, effect: FaultEffect) => void,
  ): Promise<Caught | null> {
    const armed = this.#catching(moment, target);
    if (!armed) return null;
    const { effect, seed = 0 } = armed.fault;
    onCaught(armed.id, effect);
    const caught = {
      faultId: armed.id,
      effect: null,
      fraction: chance(seed, armed.rule, armed.matched, 'where'),
      held: () => hold(armed, target.clientGone),
    };
    if (effect.type === 'hold') {
      await caught.held();
      return caught;
    }
    if (effect.type === 'delay') {
      await delay(armed, effect.milliseconds);
      return caught;
    }
    return { ...caught, effect };
  }

  #catching(moment: FaultMoment, target: FaultTarget): ArmedFault | null {
    for (const armed of this.#armed.values()) {
      const { fault } = armed;
      if (momentOf(fault.effect) !== moment) continue;
      if (!matches(fault, target)) continue;
      armed.matched++;
      if (armed.matched <= (fault.skip ?? 0)) continue;
      if (armed.caught >= (fault.times ?? Number.POSITIVE_INFINITY)) continue;
      if (!isStruck(armed)) continue;
      armed.caught++;
      return armed;
    }
    return null;
  }
}

function isStruck({ fault, rule, matched }: ArmedFault): boolean {
  if (fault.probability === undefined) return true;
  return chance(fault.seed ?? 0, rule, matched, 'whether') < fault.probability;
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.operation === '*' || fault.operation === target.operation) &&
    (fault.bucket === undefined || fault.bucket === target.bucket) &&
    (fault.keyIncludes === undefined || (target.key ?? '').includes(fault.keyIncludes)) &&
    (fault.principalIncludes === undefined ||
      (target.principal ?? '').includes(fault.principalIncludes))
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
