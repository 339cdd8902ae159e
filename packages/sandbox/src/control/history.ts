import type { Decision } from '@causeway/policy';
import type { FaultEffect } from '../faults/fault.ts';

/** One request, as `GET /_sandbox/requests` tells it. */
export interface RequestRecord {
  readonly id: string;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** As signatures name it; also one that the sandbox does not have. */
  service: string;
  operation: string | null;
  principal: string | null;
  resource: string | null;
  /** Null while the request is under way, and for ever when its client went away. */
  status: number | null;
  /** The error's code; null for a success. */
  code: string | null;
  decision: Decision['decision'] | null;
  because: string | null;
  statements: Decision['statements'];
  /** The fault that caught the request. */
  fault: string | null;
  /** What that fault did, such as `drop_reply`. */
  faultEffect: FaultEffect['type'] | null;
  outcome: 'under_way' | 'answered' | 'dropped' | 'client_gone';
}

/** Enough for a long test; old requests make room for new ones. */
const maxRecords = 5000;

/** The last requests, oldest first. */
export class History {
  readonly #records: RequestRecord[] = [];

  add(record: RequestRecord): void {
    this.#records.push(record);
    // Dropping many at once keeps the cost of each request constant.
    if (this.#records.length > 2 * maxRecords) this.#records.splice(0, maxRecords);
  }

  last(count: number): readonly RequestRecord[] {
    return this.#records.slice(-Math.min(count, maxRecords));
  }
}
