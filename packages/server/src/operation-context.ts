import type { Records } from '@causeway/store';
import type { Caller } from './authenticate.ts';
import type { FailedRequest } from './failures.ts';

/** What every operation knows of the request it answers. */
export interface RequestContext extends Caller {
  readonly request: FailedRequest;
  /** Of the next hop: of a proxy, where there is one. */
  readonly remoteAddress: string;
  readonly idempotencyKey: string | null;
}

/** With the records to use: under an idempotency key, those of its transaction. */
export interface OperationContext extends RequestContext {
  readonly store: Records;
}
