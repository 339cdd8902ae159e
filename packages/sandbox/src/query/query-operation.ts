import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import type { Call, World } from '../world.ts';
import type { Parameters } from './parameters.ts';

/** A call of a service that speaks AWS's query protocol: STS and IAM. */
export interface QueryOperation {
  /** By AWS's name. */
  readonly name: string;
  /** What the caller must be allowed to do. It may refuse bad parameters before. */
  readonly demands: (request: QueryRequest) => readonly Demand[];
  /** The elements of the result; null for an answer that has none. */
  readonly run: (request: QueryRequest) => readonly string[] | null;
}

export interface QueryRequest {
  readonly call: Call;
  readonly world: World;
  readonly caller: Caller;
  /** The account of the caller: the query services know no anonymous one. */
  readonly accountId: string;
  readonly parameters: Parameters;
}

export interface QueryService {
  readonly name: 'sts' | 'iam';
  readonly namespace: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
}
